import { fields, Record } from "@mail/core/common/record";

import { browser } from "@web/core/browser/browser";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";

import { AGENT_MODEL, CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { isRefusal } from "@whatsapp_omni/core/refusal";

export const RING_MUTED_LS = "whatsapp_omni.is_ring_muted";

/**
 * This user as an agent: whether they work, how much they have, and what rings at them.
 * There is one per page. The server decides; every page of the agent shows the same.
 */
export class WhatsappAgent extends Record {
    /** Whether the user attends a queue, and so has a state at all. */
    isAgent = false;
    /** @type {"available"|"paused"|"rona"|"offline"} */
    state = "offline";
    /** @type {number|false} */
    reasonId = false;
    /** @type {luxon.DateTime|undefined} */
    since = fields.Attr(undefined);
    /** @type {luxon.DateTime|undefined} until when nothing is offered after a closing */
    wrapUpUntil = fields.Attr(undefined);
    canEndWrapUp = true;
    /** @type {number|undefined} */
    wrapUpTimeoutId;
    /** @type {number|undefined} */
    lookTimeoutId;
    /** When the server is asked to look again, by the clock of this page; 0 for not. */
    looksAtMs = 0;
    /** What the open conversations take of the capacity. */
    load = 0;
    capacity = 0;
    /** @type {{id: number, name: string}[]} why one may pause */
    reasons = fields.Attr([]);
    offers = fields.Many("WhatsappOffer", {
        inverse: "agent",
        sort: (o1, o2) => o1.endMs - o2.endMs || o1.id - o2.id,
    });
    /** What was answered, or rings no more: an answer that comes late may still name it. */
    endedIds = fields.Attr(new Set());
    /** How often the server was asked; what it tells by itself is newer than open answers. */
    questions = 0;
    /** The last question when we were told of our state. */
    stateQuestion = 0;
    /** Whether the agent has seen that a conversation was missed. */
    isMissedSeen = false;
    isRingMuted = fields.Attr(false, {
        compute() {
            return browser.localStorage.getItem(RING_MUTED_LS) === "true";
        },
    });

    get shownOffers() {
        return this.offers.filter((offer) => offer.isShown);
    }

    /** Until when it has to ring, in milliseconds since the epoch; 0 for not at all. */
    get ringsUntilMs() {
        return Math.max(0, ...this.shownOffers.map(({ endMs }) => endMs));
    }

    get hasMissed() {
        return this.state === "rona";
    }

    get showsMissed() {
        return this.isAgent && this.hasMissed && !this.isMissedSeen;
    }

    hideMissed() {
        this.isMissedSeen = true;
    }

    get stateText() {
        const { reasons, reasonId } = this;
        switch (this.state) {
            case "available":
                return _t("Available");
            case "paused":
                return reasons.find(({ id }) => id === reasonId)?.name ?? _t("Paused");
            case "rona":
                return _t("Did not answer");
        }
        return _t("Offline");
    }

    /**
     * @param {number} nowMs
     * @returns {number} milliseconds until conversations are offered again
     */
    wrapUpLeft(nowMs) {
        return Math.max(0, (this.wrapUpUntil?.toMillis() ?? 0) - nowMs);
    }

    toggleRing() {
        this.isRingMuted = !this.isRingMuted;
        browser.localStorage.setItem(RING_MUTED_LS, this.isRingMuted);
    }

    // what the server tells

    /** Ask how we stand, and what rings at us. */
    async refresh() {
        const question = ++this.questions;
        try {
            await this.store.askBehindNews(() => this.store.fetchStoreData("whatsapp_omni.agent"));
        } catch (error) {
            if (!isRefusal(error)) {
                throw error;
            }
            // why is told once, by the desk or by what the user does next
            this.store.whatsapp_omni_agent = { has_queue: false };
        }
        const { has_queue, mine, offers = [] } = this.store.whatsapp_omni_agent;
        this.isAgent = has_queue;
        if (mine && this.stateQuestion < question) {
            this.onState(mine, question);
        }
        const ringing = offers.map(({ conversation_id }) => conversation_id);
        for (const offer of [...this.offers]) {
            if (offer.question < question && !ringing.includes(offer.id)) {
                offer.delete();
            }
        }
        for (const { conversation_id, seconds } of offers) {
            if (
                !this.endedIds.has(conversation_id) &&
                !this.store.WhatsappOffer.get(conversation_id)
            ) {
                this._ring(conversation_id, seconds);
            }
        }
    }

    /** Have the server know that a page of this agent is open. */
    async beat() {
        this.onState(await this._call("heartbeat"));
    }

    /** Have the server know when the time to write up is over: something may wait. */
    _beatAfterWrapUp(seconds) {
        browser.clearTimeout(this.wrapUpTimeoutId);
        if (seconds > 0) {
            this.wrapUpTimeoutId = browser.setTimeout(
                () => this._doAsAgent(() => this.beat()),
                seconds * 1000
            );
        }
    }

    /** What was to come later is refused to who lost the rights meanwhile: ask no more. */
    _doAsAgent(ask) {
        return this.isAgent ? ask() : undefined;
    }

    /**
     * Something that waits may be given out then. The first moment is enough: what is
     * next follows from it.
     *
     * @param {{seconds: number}} payload
     */
    onLookAgain({ seconds }) {
        const momentMs = Date.now() + seconds * 1000;
        if (this.looksAtMs && this.looksAtMs <= momentMs) {
            return;
        }
        browser.clearTimeout(this.lookTimeoutId);
        this.looksAtMs = momentMs;
        this.lookTimeoutId = browser.setTimeout(() => {
            this.looksAtMs = 0;
            this._doAsAgent(() => this._call("look_again"));
        }, seconds * 1000);
    }

    _ring(conversationId, seconds) {
        const offer = this.store.WhatsappOffer.insert({
            id: conversationId,
            conversation: { id: conversationId },
            endMs: Date.now() + seconds * 1000,
            question: this.questions,
        });
        offer.ring(seconds);
    }

    /**
     * @param {Object} mine how we stand
     * @param {number} [question] whose answer it is, when it was asked for
     */
    onState(mine, question = this.questions) {
        Object.assign(this, {
            stateQuestion: question,
            state: mine.state,
            reasonId: mine.reason_id,
            since: toDateTime(mine.since),
            wrapUpUntil: toDateTime(mine.wrap_up_until),
            canEndWrapUp: mine.can_end_wrap_up !== false,
            load: mine.load,
            capacity: mine.capacity,
        });
        this._beatAfterWrapUp(mine.wrap_up_seconds);
        if (mine.reasons) {
            this.reasons = mine.reasons;
        }
        if (!this.hasMissed) {
            this.isMissedSeen = false;
        }
    }

    /** @param {{conversation_id: number, seconds: number}} payload */
    async onOffered({ conversation_id, seconds }) {
        if (this.store.WhatsappOffer.get(conversation_id)) {
            return; // known from the load of the page
        }
        this.endedIds.delete(conversation_id);
        if (this.store[CONVERSATION_MODEL].get(conversation_id)?.isUntaken) {
            this._ring(conversation_id, seconds);
        } else {
            await this.refresh();
        }
    }

    /** @param {{conversation_id: number, why: string}} payload */
    onOfferEnded({ conversation_id, why }) {
        const offer = this.store.WhatsappOffer.get(conversation_id);
        if (!offer) {
            return;
        }
        const text = this._endText(offer, why);
        if (text && !offer.isAnswering) {
            this._notify(text, "info");
        }
        this._drop(offer);
    }

    _endText(offer, why) {
        const name = offer.conversation?.name ?? "";
        switch (why) {
            case "accepted":
                return _t("You accepted %(name)s on another page.", { name });
            case "declined":
                return _t("You declined %(name)s on another page.", { name });
            case "missed":
                return _t("%(name)s no longer rings: the time to answer is over.", { name });
        }
        return _t("%(name)s is no longer offered to you.", { name });
    }

    // what the agent does

    /**
     * @param {"available"|"paused"|"offline"} state
     * @param {number|false} [reasonId]
     * @returns {Promise<boolean>} whether the server agreed
     */
    async setState(state, reasonId = false) {
        const before = { state: this.state, reasonId: this.reasonId, since: this.since };
        Object.assign(this, { state, reasonId, since: luxon.DateTime.now() });
        try {
            this.onState(await this._call("set_state", [state, reasonId]));
            return true;
        } catch (error) {
            Object.assign(this, before);
            this._tell(error);
            return false;
        }
    }

    /** @returns {Promise<{conversations: Object[], targets: Object[]}|undefined>} */
    async fetchOpenWork() {
        try {
            return await this._call("get_open_work");
        } catch (error) {
            this._tell(error);
            return undefined;
        }
    }

    /**
     * @param {{conversation_id: number, choice: string, user_id?: number, queue_id?: number}[]} choices
     * @returns {Promise<{conversation_id: number, error: string}[]>} what was not done
     */
    handOver(choices) {
        return this._call("hand_over", [choices]);
    }

    async endWrapUp() {
        try {
            this.onState(await this._call("end_wrap_up"));
        } catch (error) {
            this._tell(error);
        }
    }

    /**
     * Take what rings, and open it with the cursor in the composer.
     *
     * @param {WhatsappOffer} offer
     */
    async accept(offer) {
        if (offer.isAnswering) {
            return;
        }
        offer.isAnswering = true;
        const { conversation } = offer;
        const desk = this.store.whatsappDesk;
        const accepted = desk.accept(conversation);
        if (!desk.isActive) {
            this.store.env.services.action.doAction("whatsapp_omni.action_inbox", {
                props: { resId: conversation.id },
            });
        }
        await accepted;
        this._drop(offer);
    }

    /** @param {WhatsappOffer} offer */
    async decline(offer) {
        if (offer.isAnswering) {
            return;
        }
        offer.isAnswering = true;
        try {
            await this._callConversation("action_decline", offer);
        } catch (error) {
            this._tell(error);
        } finally {
            this._drop(offer);
        }
    }

    /**
     * The time of an offer is over: have the server look at it.
     *
     * @param {WhatsappOffer} offer
     */
    async settle(offer) {
        let seconds = 0;
        try {
            seconds = await this._callConversation("action_offer_ended", offer);
        } catch (error) {
            this._tell(error);
        }
        if (seconds > 0) {
            offer.ring(seconds);
        } else {
            this._drop(offer);
        }
    }

    /** The bus may have taken it away already. */
    _drop(offer) {
        this.endedIds.add(offer.id);
        if (offer.exists()) {
            offer.delete();
        }
    }

    _call(method, args = []) {
        return this.store.env.services.orm.silent.call(AGENT_MODEL, method, args);
    }

    _callConversation(method, offer) {
        return this.store.env.services.orm.silent.call(CONVERSATION_MODEL, method, [[offer.id]]);
    }

    /** Show what the server refused; anything else is for Odoo to show. */
    _tell(error) {
        if (!(error instanceof RPCError)) {
            throw error;
        }
        this._notify(error.data?.message ?? error.message, "warning");
    }

    _notify(text, type) {
        this.store.env.services.notification.add(text, { type });
    }
}

function toDateTime(value) {
    return value ? deserializeDateTime(value) : undefined;
}

WhatsappAgent.register();
