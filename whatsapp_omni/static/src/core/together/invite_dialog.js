import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { cleanTerm } from "@mail/utils/common/format";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";

/**
 * Ask a colleague, or anybody of a queue, to join a conversation.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class InviteDialog extends Component {
    static template = "whatsapp_omni.InviteDialog";
    static components = { Dialog };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.state = useState({
            term: "",
            note: "",
            users: [],
            queues: [],
            active: 0,
            isAsking: false,
        });
        useAutofocus({ refName: "search" });
        onWillStart(async () => {
            const found = await this.orm.call(CONVERSATION_MODEL, "get_colleagues", [
                this.props.conversation.id,
            ]);
            Object.assign(this.state, found);
        });
    }

    /** @returns {{key: string, name: string, detail: string, icon: string, values: Object}[]} */
    get choices() {
        const term = cleanTerm(this.state.term);
        const users = this.state.users.map(({ id, name, queues }) => ({
            key: `user${id}`,
            name,
            detail: queues,
            icon: "fa-user",
            values: { user_id: id },
        }));
        const queues = this.state.queues.map(({ id, name, agents }) => ({
            key: `queue${id}`,
            name,
            count: agents,
            icon: "fa-inbox",
            values: { queue_id: id },
        }));
        return [...users, ...queues].filter(({ name }) => cleanTerm(name).includes(term));
    }

    onInput() {
        this.state.active = 0;
    }

    onKeydown(ev) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (step) {
            const last = Math.max(0, this.choices.length - 1);
            this.state.active = Math.min(last, Math.max(0, this.state.active + step));
        } else if (ev.key === "Enter" && this.choices.length) {
            this.ask(this.choices[this.state.active]);
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    async ask({ values }) {
        if (this.state.isAsking) {
            return;
        }
        this.state.isAsking = true;
        try {
            await this.orm.call(CONVERSATION_MODEL, "action_invite", [this.props.conversation.id], {
                ...values,
                note: this.state.note,
            });
            this.props.close();
        } finally {
            this.state.isAsking = false;
        }
    }
}
