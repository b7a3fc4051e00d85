import { fields, Record } from "@mail/core/common/record";
import { compareDatetime } from "@mail/utils/common/misc";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { SIZES } from "@web/core/ui/ui_service";
import { user } from "@web/core/user";

import { CONVERSATION_MODEL, isWhatsapp } from "@whatsapp_omni/core/constants";
import { compareAttended, compareUntaken } from "@whatsapp_omni/core/conversation_order";
import { onlyDigits } from "@whatsapp_omni/core/formatting";
import { isRefusal } from "@whatsapp_omni/core/refusal";

const PANEL_OPEN_LS = "whatsapp_omni.is_panel_open";
const COLLEAGUES_OPEN_LS = "whatsapp_omni.is_colleagues_open";
/** The strings a client asks the bus for; the server turns it into the user's queues. */
const INBOX_BUS_CHANNEL = "whatsapp_omni.inbox";
export const CLOCK_PERIOD = 15 * 1000;
/** The numbers of today are asked for again when nobody waits, but not more often. */
const REFRESH_PERIOD = 60 * 1000;
/** Characters that a term must have to be looked for in messages, as on the server. */
const LEAST_SEARCHED = 3;
/** No whole number has fewer. */
const LEAST_DIGITS = 7;
/** Messages hide nothing that has fewer, but addresses; as on the server. */
const LEAST_HIDDEN_DIGITS = 6;

/**
 * What the desk shows and what an agent does there. There is one per page, so that it
 * is still the same when the agent comes back from another app.
 */
export class WhatsappDesk extends Record {
    conversations = fields.Many(CONVERSATION_MODEL, { inverse: "desk" });
    newConversations = fields.Many(CONVERSATION_MODEL, {
        inverse: "deskAsNew",
        sort: compareUntaken,
    });
    /** What we write in, as its agent or as a guest. */
    ownConversations = fields.Many(CONVERSATION_MODEL, {
        inverse: "deskAsOwn",
        sort: compareAttended,
    });
    /** In no order: there may be hundreds, of which nothing is shown mostly. */
    colleaguesConversations = fields.Many(CONVERSATION_MODEL, { inverse: "deskAsColleagues" });
    conversation = fields.One(CONVERSATION_MODEL);
    /** The thread on screen, known enough to be shown. */
    thread = fields.One("Thread", {
        compute() {
            const thread = this.conversation?.channel_id;
            return this.conversation?.isReadable && thread?.channel_type ? thread : undefined;
        },
        inverse: "whatsappDeskAsThread",
    });
    /** @type {"new"|"attended"} */
    tab = "new";
    /** @type {"list"|"thread"|"panel"} which of the three a phone shows */
    page = "list";
    searchTerm = "";
    /**
     * What the messages of our conversations hold of it, once that was looked for.
     *
     * @type {{message_id: number, conversation_id: number, name: string, date: string, snippet: string}[]|undefined}
     */
    foundMessages;
    /** @type {number[]} conversations whose number, which may be hidden, was typed whole */
    idsByNumber = [];
    isSearching = false;
    /** Whether the desk is on screen. */
    isActive = false;
    isLoaded = false;
    hasLoadingFailed = false;
    /** Whether it is empty because the server refused to load it. */
    isRefused = false;
    /** What an address asked for that we may not read, or that does not exist. */
    isMissing = false;
    isPanelOpen = fields.Attr(true, {
        compute() {
            return browser.localStorage.getItem(PANEL_OPEN_LS) !== "false";
        },
    });
    /** Whether it is open over the thread, where there is no room beside it. */
    isPanelOverlayOpen = false;
    isColleaguesOpen = fields.Attr(false, {
        compute() {
            return browser.localStorage.getItem(COLLEAGUES_OPEN_LS) === "true";
        },
    });
    nowMs = Date.now();
    isClockRunning = false;
    /** Raised when the list should take the keyboard's focus. */
    listFocus = 0;
    lastRefreshMs = 0;
    /** @type {Promise<void>|undefined} */
    startPromise;
    /**
     * By conversation: how to remove what was told of it.
     *
     * @type {Map<number, (() => void)[]>}
     */
    notices = new Map();

    /** @param {import("models").Conversation[]} conversations */
    search(conversations) {
        const term = this.searchTerm.trim();
        return term
            ? conversations.filter((c) => c.matches(term) || this.idsByNumber.includes(c.id))
            : [...conversations];
    }

    get showsColleagues() {
        return this.tab === "attended" && (this.isColleaguesOpen || Boolean(this.searchTerm));
    }

    /** The cards of the open tab, without the colleagues' ones. */
    get listedOwnOrNew() {
        return this.search(this.tab === "new" ? this.newConversations : this.ownConversations);
    }

    get listedColleagues() {
        return this.showsColleagues
            ? this.search(this.colleaguesConversations).sort(compareAttended)
            : [];
    }

    /** The cards from top to bottom. */
    get listed() {
        return [...this.listedOwnOrNew, ...this.listedColleagues];
    }

    /**
     * Subscribe to our queues and load what they hold, once per page. The subscription
     * comes first, so that nothing is lost in between. What failed is tried again by
     * whoever comes next.
     */
    start() {
        this.startPromise ??= this._start().catch((error) => {
            this.startPromise = undefined;
            throw error;
        });
        return this.startPromise;
    }

    async _start() {
        this.startClock();
        this.store.env.services.bus_service.addChannel(INBOX_BUS_CHANNEL);
        // what is unread of our own is told with the channels that we are a member of
        await Promise.all([this.store.channels.fetch(), this.load()]);
    }

    startClock() {
        this.tick();
        if (!this.isClockRunning) {
            this.isClockRunning = true;
            browser.setInterval(() => this.tick(), CLOCK_PERIOD);
            browser.addEventListener("visibilitychange", () => this.tick());
        }
    }

    /** Look at the clock: browsers let that of a page that nobody sees go slow. */
    tick() {
        this.nowMs = Date.now();
    }

    /** Look at the clock if that was not done in time, because the page slept. */
    tickIfLate() {
        if (Date.now() - this.nowMs > CLOCK_PERIOD) {
            this.tick();
        }
    }

    /**
     * Load what is new or attended in our queues, and forget what is no longer there.
     *
     * @param {number} [conversationId] one more, whatever its state
     * @param {Object} [param1]
     * @param {boolean} [param1.isByItself] nobody asked for it: a second refusal is no news
     */
    async load(conversationId, { isByItself = false } = {}) {
        for (const conversation of this.conversations) {
            conversation.isStale = true;
        }
        try {
            await this.store.askBehindNews(() =>
                this.store.fetchStoreData(
                    "whatsapp_omni.inbox",
                    conversationId ? { conversation_id: conversationId } : undefined
                )
            );
        } catch (error) {
            this.hasLoadingFailed = true;
            const isNews = !isRefusal(error) || this._onRefused();
            if (isByItself && !isNews) {
                return;
            }
            throw error;
        }
        Object.assign(this, { hasLoadingFailed: false, isRefused: false });
        this.isLoaded = true;
        this.lastRefreshMs = Date.now();
        if (!this.isAgent) {
            this.forget();
            return;
        }
        for (const conversation of [...this.conversations]) {
            if (conversation.isStale && conversation.state) {
                conversation.delete();
            }
        }
    }

    /** @returns {boolean} whether that is new */
    _onRefused() {
        if (this.isRefused) {
            return false;
        }
        this.isRefused = true;
        this.forget();
        return true;
    }

    /** Whether the server takes the user for an agent, as far as it has said. */
    get isAgent() {
        return this.store.whatsapp_omni_inbox?.is_agent !== false;
    }

    /** Keep nothing of what the user may read no longer. */
    forget() {
        this.select();
        this.showTab("new");
        Object.assign(this, { searchTerm: "", foundMessages: undefined, idsByNumber: [] });
        if (this.isActive) {
            // what was asked about a conversation
            this.store.env.services.dialog.closeAll();
        }
        for (const conversation of [...this.conversations]) {
            conversation.delete();
        }
        for (const thread of Object.values(this.store.Thread.records).filter(isWhatsapp)) {
            thread.forgetWhatsapp();
        }
        for (const conversationId of [...this.notices.keys()]) {
            this._removeNotices(conversationId);
        }
    }

    /**
     * The server does not know the user any more, who was archived or has logged out: it
     * says so when it is asked, and Odoo asks for a log-in.
     */
    async onSessionOver() {
        if (!this.startPromise || this.isRefused) {
            return;
        }
        this.forget();
        await this.load(undefined, { isByItself: true });
    }

    /** There is a server again, and a user whom it knows. */
    async onReconnected() {
        if (this.startPromise && this.hasLoadingFailed) {
            await this.load(undefined, { isByItself: true });
        }
    }

    /** Bring the numbers of today up to date, at most once a minute. */
    async refresh() {
        if (Date.now() - this.lastRefreshMs < REFRESH_PERIOD) {
            return;
        }
        this.lastRefreshMs = Date.now();
        await this.load();
    }

    async onQueuesChanged() {
        if (!this.startPromise) {
            return;
        }
        this.store.env.services.bus_service.forceUpdateChannels();
        await this.load(undefined, { isByItself: true });
    }

    /**
     * Open what an address asks for.
     *
     * @param {number} [conversationId]
     */
    async open(conversationId) {
        await this.start();
        this.isMissing = false;
        if (!conversationId) {
            return;
        }
        let conversation = this.store[CONVERSATION_MODEL].get(conversationId);
        if (!conversation?.state) {
            await this.load(conversationId);
            conversation = this.store[CONVERSATION_MODEL].get(conversationId);
        }
        if (!conversation?.state) {
            this.isMissing = true;
            return;
        }
        this.tab = conversation.isUntaken ? "new" : "attended";
        this.select(conversation);
    }

    /**
     * Open a conversation from wherever the agent is.
     *
     * @param {number} conversationId
     */
    show(conversationId) {
        if (this.isActive) {
            return this.open(conversationId);
        }
        return this.store.env.services.action.doAction("whatsapp_omni.action_inbox", {
            props: { resId: conversationId },
        });
    }

    /** Chat windows cover a phone: what is still open from elsewhere makes room for the desk. */
    async foldChatWindows() {
        const { chatHub, env } = this.store;
        await chatHub.initPromise;
        if (env.services.ui.isSmall && this.isActive) {
            await Promise.all([...chatHub.opened].map((chatWindow) => chatWindow.fold()));
        }
    }

    /** @param {import("models").Conversation} [conversation] */
    select(conversation) {
        this.isMissing = false;
        this.isPanelOverlayOpen = false;
        this.conversation = conversation;
        this.page = conversation ? "thread" : "list";
        this._removeNotices(conversation?.id);
    }

    /**
     * Tell of a conversation, from wherever the agent is. The notice leads there, and goes
     * once it is open: who reads a conversation need not be led to it.
     *
     * @param {number} conversationId
     * @param {string} text
     * @param {Object} options as the notification service takes them
     */
    tell(conversationId, text, options) {
        const { notification } = this.store.env.services;
        if (this.isActive && this.conversation?.id === conversationId) {
            notification.add(text, { ...options, sticky: false });
            return;
        }
        const remove = notification.add(text, {
            ...options,
            buttons: [
                {
                    name: _t("Open"),
                    primary: true,
                    onClick: () => {
                        remove();
                        this.show(conversationId);
                    },
                },
            ],
        });
        this.notices.set(conversationId, [...(this.notices.get(conversationId) ?? []), remove]);
    }

    /** @param {number} [conversationId] */
    _removeNotices(conversationId) {
        for (const remove of this.notices.get(conversationId) ?? []) {
            remove();
        }
        this.notices.delete(conversationId);
    }

    /**
     * Go on to what needs us most, or to the list, when a conversation is done with for now.
     *
     * @param {import("models").Conversation} conversation
     */
    leave(conversation) {
        if (!this.conversation?.eq(conversation)) {
            return;
        }
        this.select(this.nextInNeed);
        this.listFocus++;
    }

    /** The one of ours, other than the one on screen, whose customer has waited longest. */
    get nextInNeed() {
        const { conversation, ownConversations } = this;
        return ownConversations
            .filter(
                (c) => c.notEq(conversation) && !c.isParked && (c.waiting_count || c.unreadCount)
            )
            .sort((c1, c2) => compareDatetime(c1.waitsSince, c2.waitsSince) || c1.id - c2.id)[0];
    }

    /** @returns {boolean} whether there was one to go to */
    goToNextInNeed() {
        const next = this.nextInNeed;
        if (!next) {
            return false;
        }
        this.tab = "attended";
        this.select(next);
        next.channel_id.composer.autofocus++;
        return true;
    }

    // === searching what was said ===

    /** Look for what the cards do not tell: in messages, and by a number that is hidden. */
    async searchMessages() {
        const term = this.searchTerm.trim();
        this.foundMessages = undefined;
        this.idsByNumber = [];
        if (term.length < LEAST_SEARCHED) {
            return;
        }
        this.isSearching = true;
        const isNumber = onlyDigits(term).length >= LEAST_DIGITS;
        try {
            const [found, ids] = await Promise.all([
                this._call("search_own_messages", [term]),
                isNumber ? this._call("find_by_number", [term]) : [],
            ]);
            if (term === this.searchTerm.trim()) {
                this.foundMessages = found;
                this.idsByNumber = ids;
            }
        } finally {
            this.isSearching = false;
        }
    }

    /** Whether messages with this term would not be found: it looks like what they hide. */
    get isTermPerhapsHidden() {
        const term = this.searchTerm;
        return term.includes("@") || onlyDigits(term).length >= LEAST_HIDDEN_DIGITS;
    }

    /** @param {{conversation_id: number, message_id: number}} found */
    async openMessage({ conversation_id, message_id }) {
        await this.open(conversation_id);
        await this.fetchThread();
        if (this.thread) {
            this.thread.highlightMessage = this.store["mail.message"].insert({
                id: message_id,
                thread: this.thread,
            });
        }
    }

    /**
     * A parked conversation of ours is back.
     *
     * @param {{conversation_id: number, message: string}} payload
     */
    onResumed({ conversation_id, message }) {
        const { action, notification } = this.store.env.services;
        const remove = notification.add(message, {
            type: "info",
            buttons: [
                {
                    name: _t("Open"),
                    primary: true,
                    onClick: () => {
                        remove();
                        this.isActive
                            ? this.open(conversation_id)
                            : action.doAction("whatsapp_omni.action_inbox", {
                                  props: { resId: conversation_id },
                              });
                    },
                },
            ],
        });
    }

    /** Have the thread fetched that should be on screen. */
    async fetchThread() {
        const { channel_id: thread, isReadable } = this.conversation ?? {};
        if (thread && isReadable) {
            await this.store.Thread.getOrFetch({ model: "discuss.channel", id: thread.id });
        }
    }

    /** @param {"new"|"attended"} tab */
    showTab(tab) {
        this.tab = tab;
    }

    backToList() {
        this.page = "list";
        this.listFocus++;
    }

    toggleColleagues() {
        this.isColleaguesOpen = !this.isColleaguesOpen;
        browser.localStorage.setItem(COLLEAGUES_OPEN_LS, this.isColleaguesOpen);
    }

    /** Whether the panel covers the thread, because there is no room for both. */
    get hasOverlayPanel() {
        return this.store.env.services.ui.size < SIZES.XL;
    }

    get isPanelShown() {
        if (this.store.env.services.ui.isSmall) {
            return this.page === "panel";
        }
        return this.hasOverlayPanel ? this.isPanelOverlayOpen : this.isPanelOpen;
    }

    togglePanel() {
        if (this.store.env.services.ui.isSmall) {
            this.page = this.page === "panel" ? "thread" : "panel";
            return;
        }
        if (this.hasOverlayPanel) {
            this.isPanelOverlayOpen = !this.isPanelOverlayOpen;
            return;
        }
        this.isPanelOpen = !this.isPanelOpen;
        browser.localStorage.setItem(PANEL_OPEN_LS, this.isPanelOpen);
    }

    /**
     * The card that comes under the cursor when another one leaves the list.
     *
     * @param {import("models").Conversation} conversation
     */
    neighbourOf(conversation) {
        const index = this.listed.findIndex((c) => c.eq(conversation));
        if (index === -1) {
            return undefined;
        }
        return this.listed[index + 1] ?? this.listed[index - 1];
    }

    /**
     * Make a conversation ours: at once on the screen, then on the server, which alone
     * decides and may say that somebody else was first.
     *
     * @param {import("models").Conversation} conversation
     */
    capture(conversation) {
        return this._take(conversation, "action_capture");
    }

    /**
     * Make a conversation ours that rings at us.
     *
     * @param {import("models").Conversation} conversation
     */
    accept(conversation) {
        return this._take(conversation, "action_accept");
    }

    async _take(conversation, method) {
        if (conversation.isCapturing) {
            return;
        }
        const next = this.neighbourOf(conversation);
        const before = {
            state: conversation.state,
            owner_user_id: conversation.owner_user_id,
            owner_partner_id: conversation.owner_partner_id,
        };
        Object.assign(conversation, {
            isCapturing: true,
            state: "attended",
            owner_user_id: user.userId,
            owner_partner_id: this.store.self_partner,
        });
        this.tab = "attended";
        this.select(conversation);
        // whoever takes it wants to answer, whatever was noted here before
        conversation.channel_id.switchWhatsappNote(false);
        try {
            await this._call(method, [[conversation.id]]);
        } catch (error) {
            conversation.isCapturing = false;
            if (!(error instanceof RPCError)) {
                Object.assign(conversation, before);
                this.tab = "new";
                throw error;
            }
            await this._onCaptureRefused(conversation, next, error);
        } finally {
            conversation.isCapturing = false;
        }
    }

    async _onCaptureRefused(conversation, next, error) {
        if (conversation.isMine) {
            // not ours after all; the server tells below whose it is
            conversation.owner_user_id = false;
        }
        this._warn(error.data?.message ?? error.message);
        this.tab = "new";
        if (this.conversation?.eq(conversation)) {
            this._moveOn(next);
        }
        await this.load();
    }

    /**
     * @param {import("models").Conversation} conversation
     * @param {Object} result as the server's `action_close` takes it
     */
    async close(conversation, result) {
        conversation.isClosing = true;
        try {
            await this._call("action_close", [[conversation.id]], result);
        } catch (error) {
            conversation.isClosing = false;
            throw error;
        }
        // the bus may have taken it away before this answer
        if (conversation.exists()) {
            conversation.delete();
        }
    }

    /**
     * @param {number} conversationId of a closed one
     * @param {Object} result as the server's `action_correct` takes it
     */
    async correct(conversationId, result) {
        await this._call("action_correct", [[conversationId]], result);
        if (this.conversation) {
            // its panel may tell how that one ended
            this.conversation.panelNews++;
        }
    }

    /**
     * @param {number} conversationId
     * @returns {Promise<Object>} what can be chosen when it is closed or corrected
     */
    fetchClosing(conversationId) {
        return this._call("get_closing", [[conversationId]]);
    }

    /**
     * @param {number} conversationId
     * @param {number} offset
     * @param {number} limit
     * @returns {Promise<{total: number, records: Object[]}>} the contact's other results
     */
    fetchRecords(conversationId, offset, limit) {
        return this._call("get_records", [[conversationId]], { offset, limit });
    }

    /**
     * Hand a conversation over, and go on with the next one.
     *
     * @param {import("models").Conversation} conversation
     * @param {Object} values see ``action_transfer`` of the server
     * @returns {Promise<number>} the transfer
     */
    async transfer(conversation, values) {
        const next = this.neighbourOf(conversation);
        conversation.isClosing = true;
        let transferId;
        try {
            transferId = await this._call("action_transfer", [[conversation.id]], values);
        } finally {
            if (conversation.exists()) {
                conversation.isClosing = false;
            }
        }
        if (conversation.exists() && this.conversation?.eq(conversation)) {
            this._moveOn(next);
        }
        return transferId;
    }

    /**
     * A conversation is about to disappear.
     *
     * @param {import("models").Conversation} conversation
     */
    onGone(conversation) {
        if (!this.conversation?.eq(conversation)) {
            return;
        }
        if (!conversation.isClosing && this.isActive) {
            this._warn(
                _t("The conversation with %(name)s was closed or left your queues.", {
                    name: conversation.name,
                })
            );
        }
        if (conversation.channel_id?.composer.isFocused) {
            // nothing takes the keys of whoever is still typing
            this.select();
            return;
        }
        this._moveOn(this.neighbourOf(conversation));
    }

    /** @param {import("models").Conversation} [next] */
    _moveOn(next) {
        if (this.store.env.services.ui.isSmall) {
            this.select();
        } else {
            this.select(next?.exists() ? next : undefined);
        }
        this.listFocus++;
    }

    /**
     * Somebody took a conversation of our queues.
     *
     * @param {{conversation_id: number, user_name: string}} payload
     */
    onCaptured({ conversation_id, user_name }) {
        const { conversation } = this;
        const isOnScreen = this.isActive && conversation?.id === conversation_id;
        if (!isOnScreen || conversation.isMine || conversation.isCapturing) {
            return;
        }
        this._warn(_t("%(name)s took it.", { name: user_name }));
        if (this.tab === "new") {
            const [next] = this.listed.filter((c) => c.notEq(conversation));
            this._moveOn(next);
        }
    }

    /** @param {import("models").Conversation} conversation */
    fetchPanel(conversation) {
        return this.store.env.services.orm.silent.call(CONVERSATION_MODEL, "get_panel", [
            conversation.id,
        ]);
    }

    _call(method, args, kwargs) {
        return this.store.env.services.orm.silent.call(CONVERSATION_MODEL, method, args, kwargs);
    }

    _warn(message) {
        this.store.env.services.notification.add(message, { type: "warning" });
    }
}

WhatsappDesk.register();
