import { Component, useEffect, useRef } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { AgentState } from "@whatsapp_omni/agent/agent_state/agent_state";
import { formatMoment } from "@whatsapp_omni/core/formatting";
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
    static components = { AgentState, ConversationCard, EmptyState };
    static props = ["isLoading", "onRetry"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.action = useService("action");
        this.ui = useService("ui");
        this.listRef = useRef("list");
        this.searchMessages = useDebounced(() => this.desk.searchMessages(), 300);
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

    /** What the template shows, looked up once per rendering. */
    get shown() {
        const { desk } = this;
        const own = desk.ownConversations;
        const ownOrNew = desk.listedOwnOrNew;
        const colleagues = desk.listedColleagues;
        const hidden = desk.tab === "attended" ? desk.colleaguesConversations : [];
        const listed = [...ownOrNew, ...colleagues];
        // Exactly one card is reachable by Tab; the arrows reach the others.
        const stop = listed.find((c) => c.eq(desk.conversation)) ?? listed[0];
        const tabs = [
            { id: "new", name: _t("New"), count: desk.newConversations.length },
            {
                id: "attended",
                name: _t("Attended"),
                count: own.length,
                hasUnread: own.some((c) => c.unreadCount > 0),
            },
        ];
        return {
            tabs,
            otherTab: tabs.find(({ id }) => id !== desk.tab),
            ownOrNew,
            colleagues,
            colleaguesCount: desk.showsColleagues ? colleagues.length : hidden.length,
            tabStopId: stop?.id,
        };
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
            tab: this.shown.otherTab.name,
        });
    }

    /** @param {{date: string}} found */
    momentOf({ date }) {
        return formatMoment(deserializeDateTime(date));
    }

    get today() {
        return this.store.whatsapp_omni_inbox?.today;
    }

    start() {
        return this.action.doAction({ type: "ir.actions.client", tag: "whatsapp_omni.start" });
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
