import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";

import { useSending } from "@whatsapp_omni/core/sending_hook";

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
        this.sending = useSending();
        this.state = useState({ reason: "" });
    }

    get title() {
        const { name, transfer } = this.props.conversation;
        return _t("Send %(name)s back to %(sender)s", { name, sender: transfer.sender });
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            this.confirm();
        }
    }

    async confirm() {
        await this.sending.run(async () => {
            await this.props.conversation.refuseTransfer(this.state.reason.trim());
            this.props.close();
        });
    }
}
