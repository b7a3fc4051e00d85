import { Component, onWillUpdateProps, useEffect, useState } from "@odoo/owl";

import { deserializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";

import { CorrectDialog } from "@whatsapp_omni/core/close_dialog/correct_dialog";
import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { formatMoment } from "@whatsapp_omni/core/formatting";
import { recordSections } from "@whatsapp_omni/inbox/side_panel/panel_sections";
import { RecordKinds } from "@whatsapp_omni/inbox/side_panel/record_kinds";

/**
 * What there is of the contact elsewhere, and what was said before.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {Object} panel what the server tells
 * @property {Object} [records]
 * @extends {Component<Props, Env>}
 */
export class RecordsTab extends Component {
    static template = "whatsapp_omni.SidePanel.RecordsTab";
    static components = { RecordKinds };
    static props = ["conversation", "panel", "records?"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        /** Pages that were asked for, and whether there are more of them. */
        this.state = useState({ older: [], hasMore: undefined, isLoading: false });
        onWillUpdateProps(({ conversation }) => {
            if (conversation.notEq(this.props.conversation)) {
                Object.assign(this.state, { older: [], hasMore: undefined });
            }
        });
        useEffect(
            () => {
                this.reloadOlder();
            },
            () => [this.props.conversation.panelNews]
        );
    }

    get sections() {
        return recordSections.getEntries().map(([id, section]) => ({ id, component: section }));
    }

    get previous() {
        return [...this.props.panel.previous, ...this.state.older];
    }

    get hasMore() {
        return this.state.hasMore ?? this.props.panel.has_more_previous;
    }

    /** @param {string|false} serialized the server's notation of a date and time */
    moment(serialized) {
        return serialized ? formatMoment(deserializeDateTime(serialized)) : "";
    }

    loadMore() {
        const { older } = this.state;
        return this.loadOlder(older, older.length + 1);
    }

    /** What was loaded once is loaded anew with the panel's news. */
    async reloadOlder() {
        const { older } = this.state;
        if (older.length) {
            await this.loadOlder([], older.length);
        }
    }

    /**
     * @param {Object[]} older those that are known
     * @param {number} count how many are wanted
     */
    async loadOlder(older, count) {
        const { conversation, panel } = this.props;
        let hasMore = true;
        this.state.isLoading = true;
        try {
            while (hasMore && older.length < count) {
                const last = older.at(-1) ?? panel.previous.at(-1);
                const page = await this.orm.silent.call(CONVERSATION_MODEL, "get_previous", [
                    [conversation.id],
                    last.id,
                ]);
                older = [...older, ...page.conversations];
                hasMore = page.has_more;
            }
            if (conversation.eq(this.props.conversation)) {
                Object.assign(this.state, { older, hasMore });
            }
        } finally {
            this.state.isLoading = false;
        }
    }

    /** @param {{id: number}} earlier */
    correct({ id }) {
        this.dialog.add(CorrectDialog, { conversationId: id });
    }

    /** Show how an earlier conversation began: above in this thread, or on its line. */
    async show({ id, channel_id }) {
        const { thread, page } = this.store.whatsappDesk;
        if (channel_id !== thread?.id) {
            await this.store.whatsappDesk.open(id);
            return;
        }
        const messageId = await this.orm.silent.call(CONVERSATION_MODEL, "get_first_message", [
            [id],
        ]);
        if (page === "panel") {
            this.store.whatsappDesk.togglePanel();
        }
        if (messageId) {
            const message = this.store["mail.message"].insert({ id: messageId, thread });
            await this.env.messageHighlight?.highlightMessage(message, thread);
        }
    }
}
