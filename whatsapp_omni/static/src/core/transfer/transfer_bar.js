import { DiscussContent } from "@mail/core/public_web/discuss_content";

import { Component, useState } from "@odoo/owl";

/**
 * From whom a conversation comes, and what they have to say about it.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation with a transfer
 * @extends {Component<Props, Env>}
 */
export class TransferBar extends Component {
    static template = "whatsapp_omni.TransferBar";
    static props = ["conversation"];

    setup() {
        super.setup();
        this.state = useState({ dismissedId: undefined });
    }

    get transfer() {
        return this.props.conversation.transfer;
    }

    /** Whoever has it, or may take it, has to know; others see the transcript. */
    get isShown() {
        const { isMine, isNew, isRinging } = this.props.conversation;
        const isDismissed = this.state.dismissedId === this.transfer.id;
        return isNew || isRinging || (isMine && !isDismissed);
    }

    dismiss() {
        this.state.dismissedId = this.transfer.id;
    }
}

Object.assign(DiscussContent.components, { TransferBar });
