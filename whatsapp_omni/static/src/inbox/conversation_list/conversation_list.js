import { useVisible } from "@mail/utils/common/hooks";

import { Component, onPatched, useEffect, useRef } from "@odoo/owl";

import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { AgentState } from "@whatsapp_omni/agent/agent_state/agent_state";
import { formatMoment } from "@whatsapp_omni/core/formatting";
import { ConversationCard } from "@whatsapp_omni/inbox/conversation_card/conversation_card";
import { EmptyState } from "@whatsapp_omni/inbox/empty_state/empty_state";

/** Cards that are drawn at once: hundreds would make each piece of news slow. */
const PAGE = 60;
/** Cards that are drawn below the one with the focus, so that no news pushes it out. */
const LEAD = PAGE / 2;

/**
 * The conversations that wait and those that are ours, with a search for both. It draws the
 * first page of them, and further ones when the agent comes near the end.
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
        this.limit = PAGE;
        this.limitedList = undefined;
        /** The card that gets the focus as soon as it is drawn. */
        this.awaitedId = undefined;
        useVisible("more", (isVisible) => isVisible && this.drawUpTo(this.limit + PAGE));
        useHotkey("j", () => this.moveFocus(1), { allowRepeat: true });
        useHotkey("k", () => this.moveFocus(-1), { allowRepeat: true });
        onPatched(() => {
            this.focusAwaited();
            this.awaitedId = undefined;
        });
        useEffect(
            () => this.scrollToTop(),
            () => [this.desk.tab, this.desk.searchTerm]
        );
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
        const selected = this.indexOf(desk.conversation, listed);
        this.updateLimit(selected);
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
            ownOrNew: ownOrNew.slice(0, this.limit),
            hasMoreOwnOrNew: ownOrNew.length > this.limit,
            colleagues: colleagues.slice(0, Math.max(0, this.limit - ownOrNew.length)),
            hasMore: listed.length > this.limit,
            limit: this.limit,
            colleaguesCount: desk.showsColleagues ? colleagues.length : hidden.length,
            // Exactly one card is reachable by Tab; the arrows reach the others.
            tabStopId: listed[Math.max(0, selected)]?.id,
        };
    }

    /**
     * Begin with the first page when other ones are listed; what is selected is always drawn.
     *
     * @param {number} selected index of it, or -1
     */
    updateLimit(selected) {
        const list = `${this.desk.tab} ${this.desk.searchTerm}`;
        if (this.limitedList !== list) {
            this.limitedList = list;
            this.limit = PAGE;
        }
        this.limit = Math.max(this.limit, selected + 1);
    }

    /** @param {number} limit */
    drawUpTo(limit) {
        this.limit = limit;
        this.render();
    }

    /** @returns {number} -1 if it is not listed */
    indexOf(conversation, listed) {
        return conversation ? listed.findIndex((c) => c.eq(conversation)) : -1;
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

    scrollToTop() {
        if (this.listRef.el) {
            this.listRef.el.scrollTop = 0;
        }
    }

    /** @param {1|-1} step from the card that has the focus, or from the selected one */
    moveFocus(step) {
        const { listed, conversation } = this.desk;
        const card = this.listRef.el?.querySelector("[role='option']:focus");
        const focused = card ? listed.findIndex(({ id }) => id === Number(card.dataset.id)) : -1;
        const current = focused === -1 ? this.indexOf(conversation, listed) : focused;
        this.focusNth(Math.max(0, Math.min(listed.length - 1, current + step)));
    }

    /** @param {number} index of a card that may have to be drawn first */
    focusNth(index) {
        this.awaitedId = this.desk.listed[index]?.id;
        this.focusAwaited();
        if (index + LEAD >= this.limit) {
            this.drawUpTo(index + PAGE);
        }
    }

    focusAwaited() {
        if (this.awaitedId) {
            this.listRef.el?.querySelector(`[role='option'][data-id='${this.awaitedId}']`)?.focus();
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
        const { length } = this.desk.listed;
        const move = {
            ArrowDown: () => this.moveFocus(1),
            ArrowUp: () => this.moveFocus(-1),
            Home: () => this.focusNth(0),
            End: () => this.focusNth(length - 1),
        }[ev.key];
        if (move) {
            move();
            ev.preventDefault();
        }
    }
}
