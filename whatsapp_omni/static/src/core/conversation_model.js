import { fields, Record } from "@mail/core/common/record";
import { cleanTerm } from "@mail/utils/common/format";
import { compareDatetime } from "@mail/utils/common/misc";

import { user } from "@web/core/user";

import { CONVERSATION_MODEL, KINDS } from "@whatsapp_omni/core/constants";
import { onlyDigits } from "@whatsapp_omni/core/formatting";
import { windowLevel } from "@whatsapp_omni/core/window_left/window_level";

/**
 * The order of every list of conversations: latest activity first.
 *
 * @param {Conversation} c1
 * @param {Conversation} c2
 */
export function compareConversations(c1, c2) {
    return compareDatetime(c2.last_message_at, c1.last_message_at) || c2.id - c1.id;
}

/**
 * One case of a customer, as the server shows it to every agent of its queue. What is
 * different for each of them (whose it is, what is unread) is derived here.
 */
export class Conversation extends Record {
    static _name = CONVERSATION_MODEL;
    static id = "id";

    /** @type {number} */
    id;
    /** @type {string} the customer's name */
    name;
    /** @type {string} the customer's number as people read it, empty when unknown */
    number;
    /** @type {"menu"|"waiting"|"new"|"attended"|"closed"|undefined} */
    state;
    queue_id = fields.One("whatsapp_omni.queue");
    /** Whether WhatsApp tells how to write to the customer. */
    is_reachable = true;
    /** @type {string} */
    line_name;
    owner_partner_id = fields.One("res.partner");
    /** @type {number|false} */
    owner_user_id;
    /** @type {string} */
    last_text;
    /** @type {string} */
    last_kind;
    /** @type {"inbound"|"outbound"} */
    last_direction;
    last_message_at = fields.Datetime();
    /** @type {number} the customer's messages since our last answer */
    waiting_count = 0;
    waiting_since = fields.Datetime();
    /** @type {number} */
    failed_count = 0;
    window_end = fields.Datetime();
    /** Whether a template of ours is the last that was said. */
    awaits_answer = false;
    /**
     * What leaves when the customer answers.
     *
     * @type {{id: number, body: string, author: string, files: {id: number, name: string}[]}[]}
     */
    parked_replies = [];
    /**
     * How it was handed over last, while that is pending or was accepted.
     *
     * @type {{
     *   id: number, state: "pending"|"accepted", kind: "immediate"|"exclusive",
     *   note: string, sender: string, sender_id: number, target: string,
     *   to_user_id: number|false,
     * }|false|undefined}
     */
    transfer;
    /** @type {number|false|undefined} the only agent who may take it */
    reserved_for_user_id;
    /** @type {number|false|undefined} at whom it rings */
    offered_to_user_id;
    /** When the line opens for one that waits for it. */
    opens_at = fields.Datetime();
    /** Whether the server has closed the window, whatever the clock of this page says. */
    window_expired = false;
    /** Whether the customer wants no marketing messages. */
    opted_out = false;
    opened_at = fields.Datetime();
    channel_id = fields.One("Thread", { inverse: "whatsappConversations" });
    /** @type {number} */
    customer_id;
    /** @type {string} */
    avatar_url;
    /** Whether the server has still to say that it is ours. */
    isCapturing = false;
    /** Whether it is us who close it. */
    isClosing = false;
    /** Whether the server has not named it since the last loading of the desk began. */
    isStale = false;
    desk = fields.One("WhatsappDesk", {
        compute() {
            return this.store.whatsappDesk;
        },
        inverse: "conversations",
        eager: true,
    });

    /** @override What was told before the server heard of our capture is outdated. */
    update(data) {
        const isOutdated = this.isCapturing && ["new", "waiting"].includes(data?.state);
        const { state, owner_user_id, owner_partner_id } = this;
        super.update(isOutdated ? { ...data, state, owner_user_id, owner_partner_id } : data);
        if (this.isStale && !data?.isStale) {
            this.isStale = false;
        }
        if (data?.window_end) {
            // a page that slept has not looked at the clock for a while
            this.store.whatsappDesk.tick();
        }
    }

    /** @override The server deletes what is closed, or has left our queues. */
    delete() {
        this.store.whatsappDesk.onGone(this);
        return super.delete(...arguments);
    }

    /** Whether we may take it: one that waits for opening can be taken before. */
    get isNew() {
        const isFree = this.state === "new" || this.isWaitingForOpening;
        return (isFree && !this.isHandedOver) || this.isOfferedToMe;
    }

    get isOfferedToMe() {
        return this.state === "offered" && this.offered_to_user_id === user.userId;
    }

    get isTransferPending() {
        return this.transfer?.state === "pending";
    }

    /** Whether it waits for a colleague, because we or somebody else passed it on. */
    get isHandedOver() {
        if (!this.isTransferPending) {
            return false;
        }
        const { sender_id, to_user_id } = this.transfer;
        return sender_id === user.userId || (Boolean(to_user_id) && !this.isTransferredToMe);
    }

    get isTransferredToMe() {
        return this.isTransferPending && this.transfer.to_user_id === user.userId;
    }

    get canTransfer() {
        const isSupervisor = Boolean(this.store.whatsapp_omni_inbox?.is_supervisor);
        return this.isMine || (isSupervisor && this.state !== "closed" && Boolean(this.state));
    }

    /** Whether we passed it on, and nobody has taken it yet. */
    get canTakeBack() {
        return this.isTransferPending && this.transfer.sender_id === user.userId;
    }

    /** Whether we may send it back to who passed it on. */
    get canRefuse() {
        return this.isTransferPending && this.isNew && this.transfer.kind === "exclusive";
    }

    get isWaitingForOpening() {
        return this.state === "waiting";
    }

    /** Whether nothing but a template would reach the customer when the line opens. */
    get expiresBeforeOpening() {
        return (
            this.isWaitingForOpening &&
            Boolean(this.window_end) &&
            (!this.opens_at || this.window_end < this.opens_at)
        );
    }

    get isMine() {
        return this.state === "attended" && this.owner_user_id === user.userId;
    }

    get isColleagues() {
        return (this.state === "attended" && !this.isMine) || this.isHandedOver;
    }

    /** Whether the server lets us read its messages before we take it. */
    get isReadable() {
        return (
            !this.isNew ||
            this.queue_id?.allow_peek !== false ||
            Boolean(this.store.whatsapp_omni_inbox?.is_supervisor)
        );
    }

    get unreadCount() {
        if (this.isMine) {
            return this.channel_id?.self_member_id?.message_unread_counter ?? 0;
        }
        return this.isNew ? this.waiting_count : 0;
    }

    /** Whether the number says more than the name, which it stands in for. */
    get hasNameAndNumber() {
        return Boolean(this.number) && this.number !== this.name;
    }

    /** @returns {{icon: string, label: string}|undefined} nothing for plain text */
    get lastKindSign() {
        return KINDS[this.last_kind];
    }

    /** @returns {number|undefined} milliseconds, negative when the window is over */
    get windowLeft() {
        if (!this.window_end) {
            return undefined;
        }
        return this.window_end.toMillis() - this.store.whatsappDesk.nowMs;
    }

    /** Whether templates only may be sent: it closed, or the customer never wrote. */
    get isWindowShut() {
        return Boolean(this.state) && (!this.window_end || this.isWindowOver);
    }

    get isWindowOver() {
        return this.windowLevel === "over";
    }

    get windowLevel() {
        return this.window_expired ? "over" : windowLevel(this.windowLeft);
    }

    /** @returns {"peek"|"transferred"|"colleague"|undefined} why others may only read */
    get readOnlyState() {
        if (this.isNew) {
            return "peek";
        }
        if (this.isHandedOver) {
            return "transferred";
        }
        return this.isColleagues ? "colleague" : undefined;
    }

    /** @returns {"unreachable"|"window"|undefined} why its owner cannot write now */
    get obstacle() {
        if (!this.is_reachable) {
            return "unreachable";
        }
        return this.isWindowShut ? "window" : undefined;
    }

    /** @param {string} term what the agent looks for: a part of the name or number */
    matches(term) {
        if (cleanTerm(this.name ?? "").includes(cleanTerm(term))) {
            return true;
        }
        const digits = onlyDigits(term);
        return Boolean(digits) && onlyDigits(this.number ?? "").includes(digits);
    }
}

Conversation.register();
