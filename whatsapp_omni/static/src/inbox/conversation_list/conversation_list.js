import { Component, useEffect, useRef } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { ConversationCard } from "@whatsapp_omni/inbox/conversation_card/conversation_card";
import { EmptyState } from "@whatsapp_omni/inbox/empty_state/empty_state";

/**
 * The conversations that wait and those that are ours, with a search for both.
 *
 * @typedef {Object} Props
 * @property {boolean} isLoading
 * @property {() => void} onRetry
 * @extends {Component<Props, Env>}
 */
export class ConversationList extends Component {
    static template = "whatsapp_omni.ConversationList";
    static components = { ConversationCard, EmptyState };
    static props = ["isLoading", "onRetry"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.ui = useService("ui");
        this.listRef = useRef("list");
        useEffect(
            () => this.focusCard(),
            () => [this.desk.listFocus]
        );
        useEffect(
            (isEmpty) => {
                if (isEmpty) {
                    this.desk.refresh();
                }
            },
            () => [this.desk.isLoaded && this.desk.newConversations.length === 0]
        );
    }

    get desk() {
        return this.store.whatsappDesk;
    }

    get tabs() {
        return [
            { id: "new", name: _t("New"), count: this.desk.newConversations.length },
            {
                id: "attended",
                name: _t("Attended"),
                count: this.desk.ownConversations.length,
                hasUnread: this.desk.ownConversations.some((c) => c.unreadCount > 0),
            },
        ];
    }

    get ownOrNew() {
        return this.desk.listed.filter((conversation) => !conversation.isColleagues);
    }

    get colleagues() {
        return this.desk.listed.filter((conversation) => conversation.isColleagues);
    }

    /** How many colleagues' conversations there are, or are found. */
    get colleaguesCount() {
        return this.desk.search(this.desk.colleaguesConversations).length;
    }

    get otherTab() {
        return this.tabs.find(({ id }) => id !== this.desk.tab);
    }

    /** How many are found under the other tab when nothing is found here. */
    get foundElsewhere() {
        const { desk } = this;
        const conversations =
            desk.tab === "new"
                ? [...desk.ownConversations, ...desk.colleaguesConversations]
                : desk.newConversations;
        return desk.search(conversations).length;
    }

    get foundElsewhereText() {
        return _t("%(count)s under %(tab)s", {
            count: this.foundElsewhere,
            tab: this.otherTab.name,
        });
    }

    get today() {
        return this.store.whatsapp_omni_inbox?.today;
    }

    /** Exactly one card is reachable by Tab; the arrows reach the others. */
    isTabStop(conversation) {
        const { listed, conversation: selected } = this.desk;
        const stop = listed.find((c) => c.eq(selected)) ?? listed[0];
        return conversation.eq(stop);
    }

    focusCard() {
        if (this.desk.listFocus) {
            this.listRef.el?.querySelector("[role='option'][tabindex='0']")?.focus();
        }
    }

    onSearchKeydown(ev) {
        if (ev.key === "ArrowDown") {
            this.listRef.el?.querySelector("[role='option']")?.focus();
            ev.preventDefault();
        }
        if (ev.key === "Escape" && this.desk.searchTerm) {
            this.desk.searchTerm = "";
            ev.stopPropagation();
        }
    }

    onTabKeydown(ev) {
        if (!["ArrowLeft", "ArrowRight"].includes(ev.key)) {
            return;
        }
        this.desk.showTab(this.desk.tab === "new" ? "attended" : "new");
        ev.currentTarget.parentElement.querySelector("[aria-selected='false']")?.focus();
        ev.preventDefault();
    }

    onListKeydown(ev) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (!step) {
            return;
        }
        const cards = [...this.listRef.el.querySelectorAll("[role='option']")];
        cards[cards.indexOf(document.activeElement) + step]?.focus();
        ev.preventDefault();
    }
}
