import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { CloseDialog } from "@whatsapp_omni/core/close_dialog/close_dialog";
import { WindowLeft } from "@whatsapp_omni/core/window_left/window_left";

/**
 * Who it is, how it stands, and what can be done with it.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} [conversation]
 * @property {string} name for the time that the conversation is not known
 * @extends {Component<Props, Env>}
 */
export class ConversationHeader extends Component {
    static template = "whatsapp_omni.ConversationHeader";
    static components = { WindowLeft };
    static props = ["conversation?", "name"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.dialog = useService("dialog");
        this.ui = useService("ui");
    }

    get conversation() {
        return this.props.conversation;
    }

    get desk() {
        return this.store.whatsappDesk;
    }

    get stateText() {
        if (this.conversation.isNew) {
            return _t("New");
        }
        if (this.conversation.isMine) {
            return _t("Yours");
        }
        if (this.conversation.isColleagues) {
            return this.conversation.owner_partner_id?.name || _t("A colleague's");
        }
        return _t("Closed");
    }

    get stateClass() {
        if (this.conversation.isNew) {
            return "text-bg-info";
        }
        return this.conversation.isMine ? "text-bg-success" : "text-bg-secondary";
    }

    /** A phone has room for the number, or for what is more urgent to know. */
    get isNumberHidden() {
        const { windowLevel, opted_out } = this.conversation;
        return this.ui.isSmall && (Boolean(windowLevel) || opted_out);
    }

    get isPanelShown() {
        return this.desk.isPanelShown;
    }

    take() {
        return this.desk.capture(this.conversation);
    }

    close() {
        this.dialog.add(CloseDialog, { conversation: this.conversation });
    }
}
