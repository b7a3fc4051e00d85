import { messageActionsRegistry } from "@mail/core/common/message_actions";
import { fields, Record } from "@mail/core/common/record";
import { cleanTerm } from "@mail/utils/common/format";

import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";

import {
    CHANNEL_TYPE,
    CONVERSATION_MODEL,
    CUSTOMER_MODEL,
    KINDS,
} from "@whatsapp_omni/core/constants";
import { formatAge, onlyDigits } from "@whatsapp_omni/core/formatting";
import { windowLevel } from "@whatsapp_omni/core/window_left/window_level";

/** States in which nobody attends it. */
const UNTAKEN = ["new", "waiting", "offered"];

/** What is no plain value, and hence another one each time that the server tells it. */
const COMPOSED = ["guests", "invitations", "parked_replies", "tags", "transfer"];

/** The desk, for the conversations that stand in this section of its list. */
function deskOfSection(section, inverse) {
    return fields.One("WhatsappDesk", {
        compute() {
            return this.section === section ? this.store.whatsappDesk : undefined;
        },
        inverse,
        eager: true,
    });
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
    /** @type {"menu"|"waiting"|"new"|"offered"|"attended"|"closed"|undefined} */
    state;
    queue_id = fields.One("whatsapp_omni.queue");
    /** Whether WhatsApp tells how to write to the customer. */
    is_reachable = true;
    /**
     * What was archived, so that nothing is left but to close it.
     *
     * @type {"line"|"queue"|"provider"|false}
     */
    out_of_service = false;
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
     * What leaves later, as the server describes it: `send_at` is false for what leaves
     * when the customer answers.
     *
     * @type {{id: number, body: string, author: string, send_at: string|false,
     *  cancel_on_answer: boolean, quoted: string, files: {id: number, name: string}[]}[]}
     */
    parked_replies = [];
    /** @type {{id: number, name: string}[]} colleagues who write besides the agent */
    guests = [];
    /** @type {{id: number, whom: string}[]} who is asked to join */
    invitations = [];
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
    /** Whether what the customer writes begins no conversation. */
    is_blocked = false;
    /** @type {"0"|"1"|"2"|"3"} higher for customers who come first */
    customer_priority = "0";
    opened_at = fields.Datetime();
    /** Whether its agents marked it with a star. */
    starred = false;
    /** @type {{id: number, name: string, color: number}[]} */
    tags = [];
    /** Since when it takes no place of its agent. */
    parked_at = fields.Datetime({
        onUpdate() {
            if (!this.isParked) {
                this.removeParkedNotice?.();
            }
        },
    });
    /** When it comes back; nothing when it waits for the customer. */
    parked_until = fields.Datetime();
    /** @type {(() => void)|undefined} takes away what says that we parked it, and may undo it */
    removeParkedNotice;
    channel_id = fields.One("Thread", {
        inverse: "whatsappConversations",
        // what it is need not be asked for: the composer is there at once
        onAdd: (thread) => (thread.channel_type ??= CHANNEL_TYPE),
    });
    /** Our being asked whether we take it. */
    offer = fields.One("WhatsappOffer", { inverse: "conversation" });
    /** @type {number} */
    customer_id;
    /** Whether the customer is a contact. */
    is_identified = true;
    /**
     * Whom a customer may be who is no contact yet, once it is known.
     *
     * @type {{id: number, name: string, number: string, detail: string, match: "number"|"name"}[]|undefined}
     */
    candidates;
    /** @type {string|undefined} for whom they were asked */
    candidatesKey;
    /** Raised when we changed what the panel shows, such as the contact or a lead. */
    panelNews = 0;
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
    /**
     * Where the list shows it. Lists are relations, so that a message moves one
     * conversation and does not ask hundreds of them where they belong.
     *
     * @type {"new"|"own"|"colleagues"|undefined}
     */
    section = fields.Attr(undefined, {
        compute() {
            if (this.isNew || this.isRinging) {
                return "new";
            }
            if (this.takesPart) {
                return "own";
            }
            return this.isColleagues ? "colleagues" : undefined;
        },
        eager: true,
    });
    /**
     * How little of the window is left. Kept, because all messages on screen ask for it, and
     * need not be drawn again whenever the clock moves on.
     *
     * @type {string|undefined} see `windowLevel`
     */
    windowLevel = fields.Attr(undefined, {
        compute() {
            return this.window_expired ? "over" : windowLevel(this.windowLeft);
        },
    });
    /** Whether templates only may be sent: it closed, or the customer never wrote. */
    isWindowShut = fields.Attr(false, {
        compute() {
            return Boolean(this.state) && (!this.window_end || this.isWindowOver);
        },
    });
    /**
     * How long ago somebody wrote, as its card says it. This and what follows is kept so that
     * those cards only are drawn anew on which it changes, and not all whenever the clock
     * moves on or another one is opened.
     */
    age = fields.Attr("", {
        compute() {
            const { last_message_at: moment } = this;
            return moment ? formatAge(moment, this.store.whatsappDesk.nowMs) : "";
        },
    });
    /** Whether its customer waits longer than the queue wants. */
    isLate = fields.Attr(false, {
        compute() {
            const minutes = this.queue_id?.answer_minutes;
            return (
                Boolean(minutes && this.waiting_count && this.waiting_since) &&
                this.store.whatsappDesk.nowMs - this.waiting_since.toMillis() > minutes * 60 * 1000
            );
        },
    });
    isSelected = fields.Attr(false, {
        compute() {
            return this.eq(this.store.whatsappDesk.conversation);
        },
    });
    deskAsNew = deskOfSection("new", "newConversations");
    deskAsOwn = deskOfSection("own", "ownConversations");
    deskAsColleagues = deskOfSection("colleagues", "colleaguesConversations");

    /** @override */
    update(data) {
        super.update(data instanceof Object ? this._findNews(data) : data);
        if (this.isStale && !data?.isStale) {
            this.isStale = false;
        }
        if (data?.window_end) {
            this.store.whatsappDesk.tickIfLate();
        }
    }

    /**
     * What was told before the server heard of our capture is outdated, and what says the
     * same as before need not be drawn again.
     */
    _findNews(data) {
        const news = { ...data };
        if (this.isCapturing && UNTAKEN.includes(data.state)) {
            const { state, owner_user_id, owner_partner_id } = this;
            Object.assign(news, { state, owner_user_id, owner_partner_id });
        }
        for (const name of COMPOSED) {
            if (JSON.stringify(news[name]) === JSON.stringify(this[name])) {
                delete news[name];
            }
        }
        return news;
    }

    /** @override The server deletes what is closed, or has left our queues. */
    delete() {
        this.removeParkedNotice?.();
        this.store.whatsappDesk.onGone(this);
        return super.delete(...arguments);
    }

    /** Whether we may take it: one that waits for opening can be taken before. */
    get isNew() {
        const isFree = this.state === "new" || this.isWaitingForOpening;
        return isFree && !this.isHandedOver && !this.isRinging;
    }

    /** Whether it rings at us, and we may take it or not. */
    get isRinging() {
        return this.isUntaken && Boolean(this.offer);
    }

    get isUntaken() {
        return UNTAKEN.includes(this.state);
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

    /** Whether the server may let us correct how it ended. */
    get isCorrectable() {
        return (
            this.state === "closed" &&
            (this.owner_user_id === user.userId ||
                Boolean(this.store.whatsapp_omni_inbox?.is_supervisor))
        );
    }

    /** Whether we write besides its agent. */
    get isGuest() {
        return this.state === "attended" && this.guests.some(({ id }) => id === user.userId);
    }

    /** Whether we write to the customer. */
    get takesPart() {
        return this.isMine || this.isGuest;
    }

    get isColleagues() {
        return (this.state === "attended" && !this.takesPart) || this.isHandedOver;
    }

    get isSupervisor() {
        return Boolean(this.store.whatsapp_omni_inbox?.is_supervisor);
    }

    /** Whether we are a supervisor who looks over the shoulder of its agent. */
    get isSupervised() {
        return this.isColleagues && this.isSupervisor;
    }

    /** Whether this customer comes before others. */
    get isPriority() {
        return this.customer_priority !== "0";
    }

    get guestNames() {
        return this.guests.map(({ name }) => name).join(", ");
    }

    /** Who leaves when somebody else becomes its agent. */
    get otherGuestNames() {
        const others = this.guests.filter(({ id }) => id !== user.userId);
        return others.map(({ name }) => name).join(", ");
    }

    get isParked() {
        return Boolean(this.parked_at);
    }

    /** Since when somebody of ours should say something. */
    get waitsSince() {
        return this.waiting_since || this.opened_at;
    }

    /** Whether the server lets us read its messages before we take it. */
    get isReadable() {
        return (
            !this.isUntaken ||
            this.queue_id?.allow_peek !== false ||
            Boolean(this.store.whatsapp_omni_inbox?.is_supervisor)
        );
    }

    get unreadCount() {
        if (this.takesPart) {
            return this.channel_id?.self_member_id?.message_unread_counter ?? 0;
        }
        return this.isUntaken ? this.waiting_count : 0;
    }

    /** What the customer wrote last, as far as we may read it. */
    get offerText() {
        const text = this.last_text || this.lastKindSign?.label || "";
        return this.isReadable ? text : _t("You can read it once you accept.");
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

    get isWindowOver() {
        return this.windowLevel === "over";
    }

    /** @returns {"peek"|"transferred"|"colleague"|undefined} why others may only read */
    get readOnlyState() {
        if (this.isHandedOver) {
            return "transferred";
        }
        if (this.isUntaken) {
            return "peek";
        }
        return this.isColleagues ? "colleague" : undefined;
    }

    /** @returns {"archived"|"unreachable"|"window"|undefined} why its owner cannot write now */
    get obstacle() {
        if (this.out_of_service) {
            return "archived";
        }
        if (!this.is_reachable) {
            return "unreachable";
        }
        return this.isWindowShut ? "window" : undefined;
    }

    /**
     * @param {string} method of the server's model
     * @param {...any} args
     */
    call(method, ...args) {
        const { orm } = this.store.env.services;
        return orm.silent.call(CONVERSATION_MODEL, method, [[this.id], ...args]);
    }

    /**
     * Put the star on it or take it off: at once here, then on the server.
     *
     * @param {boolean} starred
     */
    async star(starred) {
        this.starred = starred;
        try {
            await this.call("action_star", starred);
        } catch (error) {
            this.starred = !starred;
            throw error;
        }
    }

    /** The customer's message from which on it would be unread. */
    get lastOfCustomer() {
        const messages = this.channel_id?.persistentMessages ?? [];
        return messages.findLast((message) => !message.isSelfAuthored && !message.is_note);
    }

    get canBeMarkedUnread() {
        return this.isMine && Boolean(this.lastOfCustomer);
    }

    /** Leave it for later: it looks as if its last message were not read yet. */
    async markUnread() {
        const message = this.lastOfCustomer;
        await messageActionsRegistry.get("set-new-message-separator").onSelected({ message });
        this.store.whatsappDesk.leave(this);
    }

    /** Ask whom the customer may be, once for each name by which we know them. */
    async fetchCandidates() {
        const key = this.is_identified ? undefined : `${this.customer_id} ${this.name}`;
        if (key === this.candidatesKey) {
            return;
        }
        this.candidatesKey = key;
        this.candidates = undefined;
        if (key) {
            const found = await this.store.env.services.orm.silent.call(
                CUSTOMER_MODEL,
                "get_candidates",
                [[this.customer_id]]
            );
            if (this.exists() && key === this.candidatesKey) {
                this.candidates = found;
            }
        }
    }

    /**
     * Send what was built for this customer.
     *
     * @param {"quick_reply"|"list"|"location"|"contact"} kind
     * @param {Object} payload
     * @param {string} [text] the question
     */
    sendBuilt(kind, payload, text = "") {
        return this.store.env.services.orm.silent.call(
            CONVERSATION_MODEL,
            "action_send_built",
            [[this.id]],
            { kind, payload, text }
        );
    }

    /** @param {string} term what the agent looks for: a part of the name, a tag or the number */
    matches(term) {
        const words = [this.name ?? "", ...this.tags.map(({ name }) => name)];
        if (words.some((word) => cleanTerm(word).includes(cleanTerm(term)))) {
            return true;
        }
        // "Room 1" is no part of a number
        const digits = /\p{L}/u.test(term) ? "" : onlyDigits(term);
        return Boolean(digits) && onlyDigits(this.number ?? "").includes(digits);
    }
}

Conversation.register();
