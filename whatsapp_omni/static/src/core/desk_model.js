import { fields, Record } from "@mail/core/common/record";
import { compareDatetime } from "@mail/utils/common/misc";

import { browser } from "@web/core/browser/browser";
import { SIZES } from "@web/core/ui/ui_service";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { compareAttended, compareUntaken } from "@whatsapp_omni/core/conversation_order";

const PANEL_OPEN_LS = "whatsapp_omni.is_panel_open";
const COLLEAGUES_OPEN_LS = "whatsapp_omni.is_colleagues_open";

/**
 * What the desk shows, and how one goes about in it. There is one per page, so that it is
 * still the same when the agent comes back from another app. What it loads, tells, finds
 * and does with conversations is in `desk/`.
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
    /** Whether the desk is on screen. */
    isActive = false;
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
    /** Raised when the list should take the keyboard's focus. */
    listFocus = 0;

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
        this._removeNotices((conversationId) => conversationId === conversation?.id);
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

    /** @param {import("models").Conversation} [next] */
    _moveOn(next) {
        if (this.store.env.services.ui.isSmall) {
            this.select();
        } else {
            this.select(next?.exists() ? next : undefined);
        }
        this.listFocus++;
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
}

WhatsappDesk.register();
