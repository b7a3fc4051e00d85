import { Component, markup, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { serializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";

const { DateTime } = luxon;

/**
 * Write as a customer would, and see what a line does at some moment. Every answer asks
 * the server for the whole talk anew: nothing is stored in between.
 *
 * @typedef {Object} Props
 * @property {Object} action with the id of the line in its `params`
 * @extends {Component<Props, Env>}
 */
export class Simulator extends Component {
    static template = "whatsapp_omni.Simulator";
    static components = { DateTimeInput };
    static props = ["*"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.inputRef = useAutofocus({ refName: "input" });
        this.talkRef = useRef("talk");
        this.replies = [];
        this.state = useState({
            moment: DateTime.now().startOf("minute"),
            text: "",
            hours: "",
            entries: [],
            isOver: false,
        });
        onWillStart(() => this.load());
        useEffect(
            () => {
                this.talkRef.el.scrollTop = this.talkRef.el.scrollHeight;
            },
            () => [this.state.entries]
        );
    }

    async load() {
        const { hours, entries, is_over } = await this.orm.call("whatsapp_omni.line", "simulate", [
            [this.props.action.params.line_id],
            serializeDateTime(this.state.moment),
            this.replies,
        ]);
        for (const entry of entries) {
            entry.html = entry.html && markup(entry.html); // escaped by the server
        }
        Object.assign(this.state, { hours, entries, isOver: is_over });
    }

    async write() {
        const text = this.state.text.trim();
        if (!text || this.state.isOver) {
            return;
        }
        this.state.text = "";
        // typed and sent within one frame, the model has not changed for Owl
        this.inputRef.el.value = "";
        await this.reply({ text });
    }

    tap(option) {
        return this.reply({ text: option.title, payload: option.value });
    }

    async reply(reply) {
        this.replies.push(reply);
        await this.load();
        this.inputRef.el?.focus();
    }

    async restart() {
        this.replies = [];
        await this.load();
        this.inputRef.el?.focus();
    }

    async setMoment(moment) {
        if (moment) {
            this.state.moment = moment;
            await this.load();
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.write();
        }
    }
}

registry.category("actions").add("whatsapp_omni.simulator", Simulator);
