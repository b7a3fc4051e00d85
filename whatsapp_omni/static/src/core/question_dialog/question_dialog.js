import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

import { countCodePoints } from "@whatsapp_omni/core/formatting";
import { LimitedInput } from "@whatsapp_omni/core/limited_input/limited_input";
import { LIMITS } from "@whatsapp_omni/core/limits";
import { useSending } from "@whatsapp_omni/core/sending_hook";
import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

/**
 * Ask the customer something that is answered by a tap.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class QuestionDialog extends Component {
    static template = "whatsapp_omni.QuestionDialog";
    static components = { Dialog, LimitedInput, WhatsappPreview };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.limits = LIMITS;
        this.nextKey = 1;
        this.sending = useSending();
        this.state = useState({
            /** @type {"quick_reply"|"list"} */
            kind: "quick_reply",
            text: "",
            header: "",
            footer: "",
            opener: _t("Choose"),
            options: [this.makeOption(), this.makeOption()],
        });
    }

    makeOption() {
        return { key: this.nextKey++, title: "", description: "" };
    }

    get title() {
        return _t("Ask %(name)s with buttons or a list", { name: this.props.conversation.name });
    }

    get isList() {
        return this.state.kind === "list";
    }

    get maximum() {
        return this.isList ? LIMITS.rows : LIMITS.buttons;
    }

    get titleLimit() {
        return this.isList ? LIMITS.rowTitle : LIMITS.buttonTitle;
    }

    get titleLabel() {
        return this.isList ? _t("Row") : _t("Button");
    }

    get addLabel() {
        return this.isList ? _t("Add a row") : _t("Add a button");
    }

    get canAdd() {
        return this.state.options.length < this.maximum;
    }

    get canRemove() {
        return this.state.options.length > 1;
    }

    /** What is filled in, as it will be sent. */
    get options() {
        return this.state.options
            .map(({ title, description }) => ({
                title: title.trim(),
                ...(this.isList && { description: description.trim() }),
            }))
            .filter(({ title, description }) => title || description);
    }

    /** @returns {string|undefined} what keeps it from being sent */
    get problem() {
        const { options } = this;
        const titles = options.map(({ title }) => title);
        if (!this.state.text.trim()) {
            return _t("Write the question.");
        }
        if (!options.length) {
            return _t("Write what can be chosen.");
        }
        if (titles.includes("")) {
            return _t("A row needs a title above its description.");
        }
        if (new Set(titles).size < titles.length) {
            return _t("Two choices have the same text.");
        }
        if (options.length > this.maximum) {
            return _t("WhatsApp takes %(limit)s buttons: make it a list.", {
                limit: this.maximum,
            });
        }
        if (this.isList && !this.state.opener.trim()) {
            return _t("Write on the button that opens the list.");
        }
        return this.isTooLong ? _t("Shorten what is marked in red.") : undefined;
    }

    get isTooLong() {
        const { footer, header, opener, text } = this.state;
        const texts = [
            [text, LIMITS.question],
            [header, LIMITS.header],
            [footer, LIMITS.footer],
            [this.isList ? opener : "", LIMITS.opener],
            ...this.options.flatMap(({ title, description = "" }) => [
                [title, this.titleLimit],
                [description, LIMITS.rowDescription],
            ]),
        ];
        return texts.some(([value, limit]) => countCodePoints(value) > limit);
    }

    /** @param {"quick_reply"|"list"} kind */
    choose(kind) {
        this.state.kind = kind;
    }

    add() {
        this.state.options.push(this.makeOption());
    }

    remove(option) {
        this.state.options = this.state.options.filter(({ key }) => key !== option.key);
    }

    async send() {
        if (this.problem) {
            return;
        }
        const { footer, header, kind, opener, text } = this.state;
        const payload = { header, footer, options: this.options, ...(this.isList && { opener }) };
        await this.sending.run(async () => {
            await this.props.conversation.sendBuilt(kind, payload, text);
            this.props.close();
        });
    }
}
