import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { Countdown } from "@whatsapp_omni/agent/offers/countdown";
import { formatMoment } from "@whatsapp_omni/core/formatting";
import { WindowLeft } from "@whatsapp_omni/core/window_left/window_left";

/**
 * One conversation in the list.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {boolean} isTabStop
 * @extends {Component<Props, Env>}
 */
export class ConversationCard extends Component {
    static template = "whatsapp_omni.ConversationCard";
    static components = { Countdown, WindowLeft };
    static props = ["conversation", "isTabStop"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
    }

    get conversation() {
        return this.props.conversation;
    }

    get desk() {
        return this.store.whatsappDesk;
    }

    get moment() {
        const { last_message_at: moment } = this.conversation;
        return moment ? formatMoment(moment) : undefined;
    }

    get lastText() {
        return this.conversation.last_text || this.conversation.lastKindSign?.label || "";
    }

    /** Only as long as it matters who had it, or who is to have it. */
    get transferText() {
        const { transfer, isHandedOver, isMine, isNew, isRinging } = this.conversation;
        if (isHandedOver) {
            return _t("Waits for %(name)s", { name: transfer.target });
        }
        return transfer && (isNew || isMine || isRinging)
            ? _t("Transferred by %(name)s", { name: transfer.sender })
            : "";
    }

    get unreadText() {
        return _t("%(count)s unread", { count: this.conversation.unreadCount });
    }

    get openingText() {
        const { opens_at: moment } = this.conversation;
        return moment ? _t("Opens %(moment)s", { moment: formatMoment(moment) }) : _t("Closed");
    }

    get openingTitle() {
        return this.conversation.expiresBeforeOpening
            ? _t("Its window closes before the line opens: take it now, or restart it then.")
            : _t("It waits until the line opens. It can be taken before.");
    }

    get parkedText() {
        const { parked_until: moment } = this.conversation;
        return moment ? formatMoment(moment) : _t("Parked");
    }

    get parkedTitle() {
        return this.conversation.parked_until
            ? _t("Parked until then, or until the customer writes")
            : _t("Parked until the customer writes");
    }

    get failedText() {
        return _t("%(count)s not delivered", { count: this.conversation.failed_count });
    }

    open() {
        this.desk.select(this.conversation);
        this.conversation.channel_id.composer.autofocus++;
    }

    capture() {
        return this.desk.capture(this.conversation);
    }

    accept() {
        return this.store.whatsappAgent.accept(this.conversation.offer);
    }

    onKeydown(ev) {
        if (ev.key === " ") {
            this.desk.select(this.conversation);
        } else if (ev.key === "Enter" && this.conversation.isRinging) {
            this.accept();
        } else if (ev.key === "Enter" && this.conversation.isNew) {
            this.capture();
        } else if (ev.key === "Enter") {
            this.open();
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }
}
