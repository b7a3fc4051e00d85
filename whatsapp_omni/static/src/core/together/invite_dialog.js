import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { cleanTerm } from "@mail/utils/common/format";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { useOptionList } from "@whatsapp_omni/core/option_list_hook";
import { useSending } from "@whatsapp_omni/core/sending_hook";

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
        });
        this.sending = useSending();
        useAutofocus({ refName: "search" });
        this.onKeydown = useOptionList({
            options: () => this.choices,
            chosen: () => this.active,
            choose: ({ key }) => {
                this.state.active = this.choices.findIndex((choice) => choice.key === key);
            },
            confirm: () => this.active && this.ask(this.active),
        });
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
        const states = {
            paused: _t("paused"),
            rona: _t("did not answer"),
            offline: _t("offline"),
        };
        const users = this.state.users.map(({ id, name, queues, state }) => ({
            key: `user${id}`,
            name,
            // who is free needs no word
            detail: [queues, states[state]].filter(Boolean).join(" · "),
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

    /** @returns {Object|undefined} the one that Enter asks */
    get active() {
        return this.choices[this.state.active];
    }

    async ask({ values }) {
        const { id } = this.props.conversation;
        await this.sending.run(async () => {
            await this.orm.silent.call(CONVERSATION_MODEL, "action_invite", [id], {
                ...values,
                note: this.state.note,
            });
            this.props.close();
        });
    }
}
