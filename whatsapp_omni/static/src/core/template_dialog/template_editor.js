import { Component, useEffect, useRef, useState } from "@odoo/owl";

import { FileInput } from "@web/core/file_input/file_input";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

const ACCEPTED = { image: "image/jpeg,image/png", video: "video/mp4,video/3gpp", document: "*" };
const BUTTON_KINDS = { QUICK_REPLY: "reply", URL: "url", PHONE_NUMBER: "phone", OTP: "copy" };

/**
 * Choose an approved template and fill it in, with a preview.
 *
 * @typedef {Object} Props
 * @property {import("@whatsapp_omni/core/template_dialog/template_draft").TemplateDraft} draft
 *  reactive: what is chosen and filled in
 * @property {boolean} [hasFocus] whether the search takes the cursor
 * @extends {Component<Props, Env>}
 */
export class TemplateEditor extends Component {
    static template = "whatsapp_omni.TemplateEditor";
    static components = { FileInput, WhatsappPreview };
    static props = ["draft", "hasFocus?"];

    setup() {
        super.setup();
        this.notification = useService("notification");
        this.rootRef = useRef("root");
        /** Raised when what is next takes the cursor. */
        this.state = useState({ nextFocus: 0 });
        useEffect(
            (nextFocus) => {
                if (nextFocus) {
                    this.focusNext();
                }
            },
            () => [this.state.nextFocus]
        );
        if (this.props.hasFocus) {
            useAutofocus({ refName: "search" });
        }
        useEffect(
            () => {
                const option = this.rootRef.el?.querySelector("[aria-selected='true']");
                option?.scrollIntoView({ block: "nearest" });
            },
            () => [this.draft.template?.id]
        );
    }

    get draft() {
        return this.props.draft;
    }

    get accepted() {
        return ACCEPTED[this.draft.template.header_kind];
    }

    get fileName() {
        return (this.draft.file ?? this.draft.template.file)?.name;
    }

    get mediaUrl() {
        const { file, template } = this.draft;
        return file ? `/web/content/${file.id}` : template.file?.url;
    }

    get buttons() {
        return this.draft.template.buttons.map(({ kind, text }) => ({
            kind: BUTTON_KINDS[kind],
            title: text,
        }));
    }

    placeholder(parameter) {
        return this.draft.isOptional(parameter)
            ? _t("From each contact, unless you fill it in")
            : parameter.sample;
    }

    optionId(template) {
        return `o-whatsapp_omni-template-${template.id}`;
    }

    /** @param {1|-1} step */
    move(step) {
        const { listed, template } = this.draft;
        if (!listed.length) {
            return;
        }
        const index = listed.findIndex(({ id }) => id === template?.id);
        const next = index === -1 && step === -1 ? listed.length - 1 : index + step;
        this.draft.choose(listed[Math.max(0, Math.min(listed.length - 1, next))]);
    }

    onSearchKeydown(ev) {
        switch (ev.key) {
            case "ArrowDown":
                this.move(1);
                break;
            case "ArrowUp":
                this.move(-1);
                break;
            case "Enter":
                this.onEnter();
                break;
            default:
                return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    /** Go on to what has to be filled in, or to the button that sends. */
    onEnter() {
        const { listed } = this.draft;
        if (!listed.includes(this.draft.template) && listed.length) {
            this.draft.choose(listed[0]);
        }
        this.state.nextFocus++;
    }

    focusNext() {
        const field = this.rootRef.el.querySelector(".o-whatsapp_omni-TemplateEditor-value");
        const dialog = this.rootRef.el.closest(".modal-content");
        (field ?? dialog.querySelector("footer .btn-primary")).focus();
    }

    onUpload([file]) {
        if (file.error) {
            this.notification.add(file.error, { type: "danger" });
            return;
        }
        this.draft.file = { id: file.id, name: file.filename, mimetype: file.mimetype };
    }
}
