import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useAutofocus } from "@web/core/utils/hooks";

/**
 * Send a conversation back to who transferred it, with the reason if one is given.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class RefuseDialog extends Component {
    static template = "whatsapp_omni.RefuseDialog";
    static components = { Dialog };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        useAutofocus({ refName: "reason" });
        this.state = useState({ reason: "", error: "", isSending: false });
    }

    get title() {
        const { name, transfer } = this.props.conversation;
        return _t("Send %(name)s back to %(sender)s", { name, sender: transfer.sender });
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.confirm();
        }
    }

    async confirm() {
        if (this.state.isSending) {
            return;
        }
        this.state.isSending = true;
        try {
            await this.props.conversation.refuseTransfer(this.state.reason.trim());
            this.props.close();
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.error = error.data?.message ?? error.message;
        } finally {
            this.state.isSending = false;
        }
    }
}
