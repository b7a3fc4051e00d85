import { Component, useEffect, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { ContactTab } from "@whatsapp_omni/inbox/side_panel/contact_tab";
import { FilesTab } from "@whatsapp_omni/inbox/side_panel/files_tab";
import { RecordsTab } from "@whatsapp_omni/inbox/side_panel/records_tab";

const PANEL_TAB_LS = "whatsapp_omni.panel_tab";

const TABS = [
    { id: "contact", name: _t("Contact") },
    { id: "records", name: _t("Records") },
    { id: "files", name: _t("Files") },
];

/**
 * The customer, their records and files, beside the conversation.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {boolean} isOverlay
 * @extends {Component<Props, Env>}
 */
export class SidePanel extends Component {
    static template = "whatsapp_omni.SidePanel";
    static components = { ContactTab, FilesTab, RecordsTab };
    static props = ["conversation", "isOverlay"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.ui = useService("ui");
        this.orm = useService("orm");
        this.tabs = TABS;
        const tab = browser.localStorage.getItem(PANEL_TAB_LS);
        this.state = useState({
            tab: TABS.some(({ id }) => id === tab) ? tab : "contact",
            panel: undefined,
            records: undefined,
            hasFailed: false,
        });
        this.keepLast = new KeepLast();
        this.keepLastRecords = new KeepLast();
        this.reload = this.load.bind(this);
        useEffect(
            () => {
                this.load();
            },
            // what the server tells by the bus and the panel shows as a consequence
            () => [
                this.conversation.id,
                this.conversation.name,
                this.conversation.isCapturing,
                this.conversation.state,
                this.conversation.opted_out,
                this.conversation.window_expired,
                this.conversation.awaits_answer,
                this.conversation.parked_replies?.length,
                this.conversation.owner_user_id,
                this.conversation.queue_id?.id,
                this.conversation.guests.length,
                this.conversation.invitations.length,
                this.conversation.isParked,
                this.conversation.is_identified,
                this.conversation.panelNews,
            ]
        );
        useEffect(
            () => {
                this.loadRecords();
            },
            () => [
                this.conversation.id,
                this.conversation.panelNews,
                this.state.panel?.customer.partner?.id,
                Boolean(this.state.panel),
            ]
        );
    }

    get conversation() {
        return this.props.conversation;
    }

    get desk() {
        return this.store.whatsappDesk;
    }

    showTab(tab) {
        this.state.tab = tab;
        browser.localStorage.setItem(PANEL_TAB_LS, tab);
    }

    async load() {
        if (this.conversation.isCapturing) {
            return;
        }
        try {
            this.state.panel = await this.keepLast.add(this.desk.fetchPanel(this.conversation));
            this.state.hasFailed = false;
        } catch (error) {
            this.state.hasFailed = true;
            throw error;
        }
    }

    /** Count what other apps know; it is not asked again with each news. */
    async loadRecords() {
        if (!this.state.panel) {
            return;
        }
        this.state.records = await this.keepLastRecords.add(
            this.orm.silent.call(CONVERSATION_MODEL, "get_panel_records", [[this.conversation.id]])
        );
    }
}
