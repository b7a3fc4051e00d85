import { Component } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { availableActions } from "@whatsapp_omni/core/conversation_actions";
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
    static components = { Dropdown, DropdownItem, WindowLeft };
    static props = ["conversation?", "name"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.ui = useService("ui");
    }

    get conversation() {
        return this.props.conversation;
    }

    get desk() {
        return this.store.whatsappDesk;
    }

    get stateText() {
        if (this.conversation.isRinging) {
            return _t("Offered to you");
        }
        if (this.conversation.isHandedOver) {
            return _t("Waits for %(name)s", { name: this.conversation.transfer.target });
        }
        if (this.conversation.isUntaken) {
            return _t("Waiting");
        }
        if (this.conversation.isMine) {
            return _t("Yours");
        }
        if (this.conversation.isGuest) {
            return _t("Conference");
        }
        if (this.conversation.isColleagues) {
            return this.conversation.owner_partner_id?.name || _t("A colleague's");
        }
        return _t("Closed");
    }

    get stateClass() {
        if (this.conversation.isUntaken && !this.conversation.isHandedOver) {
            return "text-bg-info";
        }
        return this.conversation.takesPart ? "text-bg-success" : "text-bg-secondary";
    }

    /** A phone has room for the number, or for what is more urgent to know. */
    get isNumberHidden() {
        const { windowLevel, opted_out } = this.conversation;
        return this.ui.isSmall && (Boolean(windowLevel) || opted_out);
    }

    get isPanelShown() {
        return this.desk.isPanelShown;
    }

    get actions() {
        return availableActions(this.conversation);
    }

    /** The actions with a button; on a phone the bar below says *Take*. */
    get buttons() {
        const { isSmall } = this.ui;
        return this.actions.filter(
            ({ id, isButton }) => isButton && (!isSmall || ["close", "decline"].includes(id))
        );
    }

    get menuActions() {
        const { buttons } = this;
        return this.actions.filter(
            ({ id, isPrimary }) => !isPrimary && !buttons.some((button) => button.id === id)
        );
    }

    /** @param {import("@whatsapp_omni/core/conversation_actions").ConversationAction} action */
    run(action) {
        return action.run(this.conversation, this.env);
    }
}
