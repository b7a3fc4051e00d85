import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";
import { isRefusal } from "@whatsapp_omni/core/refusal";

/** The strings a client asks the bus for; the server turns it into the user's queues. */
const INBOX_BUS_CHANNEL = "whatsapp_omni.inbox";
/** The numbers of today are asked for again when nobody waits, but not more often. */
const REFRESH_PERIOD = 60 * 1000;

/** What the desk knows: asked for when it starts, and forgotten with the rights. */
patch(WhatsappDesk.prototype, {
    setup() {
        super.setup(...arguments);
        this.isLoaded = false;
        this.hasLoadingFailed = false;
        /** Whether it is empty because the server refused to load it. */
        this.isRefused = false;
        this.lastRefreshMs = 0;
        /** @type {Promise<void>|undefined} */
        this.startPromise = undefined;
    },
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
    },
    async _start() {
        this.startClock();
        this.store.env.services.bus_service.addChannel(INBOX_BUS_CHANNEL);
        // what is unread of our own is told with the channels that we are a member of
        await Promise.all([this.store.channels.fetch(), this.load()]);
    },
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
    },
    /** @returns {boolean} whether that is new */
    _onRefused() {
        if (this.isRefused) {
            return false;
        }
        this.isRefused = true;
        this.forget();
        return true;
    },
    /** Whether the server takes the user for an agent, as far as it has said. */
    get isAgent() {
        return this.store.whatsapp_omni_inbox?.is_agent !== false;
    },
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
        this._removeNotices(() => true);
    },
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
    },
    /** There is a server again, and a user whom it knows. */
    async onReconnected() {
        if (this.startPromise && this.hasLoadingFailed) {
            await this.load(undefined, { isByItself: true });
        }
    },
    /** Bring the numbers of today up to date, at most once a minute. */
    async refresh() {
        if (Date.now() - this.lastRefreshMs < REFRESH_PERIOD) {
            return;
        }
        this.lastRefreshMs = Date.now();
        await this.load(undefined, { isByItself: true });
    },
    async onQueuesChanged() {
        if (!this.startPromise) {
            return;
        }
        this.store.env.services.bus_service.forceUpdateChannels();
        await this.load(undefined, { isByItself: true });
    },
});
