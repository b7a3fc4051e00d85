import { Component, onWillUpdateProps, useState } from "@odoo/owl";

import { deserializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";

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
        /** Pages that were asked for, and whether there are more of them. */
        this.state = useState({ older: [], hasMore: undefined, isLoading: false });
        onWillUpdateProps(({ conversation }) => {
            if (conversation.notEq(this.props.conversation)) {
                Object.assign(this.state, { older: [], hasMore: undefined });
            }
        });
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

    async loadMore() {
        this.state.isLoading = true;
        try {
            const page = await this.orm.silent.call(CONVERSATION_MODEL, "get_previous", [
                [this.props.conversation.id],
                this.previous.at(-1).id,
            ]);
            this.state.older.push(...page.conversations);
            this.state.hasMore = page.has_more;
        } finally {
            this.state.isLoading = false;
        }
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
