import { Component } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

import { recordSections } from "@whatsapp_omni/inbox/side_panel/panel_sections";

import { chooseLead, createLead, linkLead } from "@whatsapp_omni_crm/lead_actions";

/**
 * The open leads of the customer, and what can be done about them.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {{leads?: Object[]}} [records] see `get_panel_records` of the server
 * @extends {Component<Props, Env>}
 */
export class LeadSection extends Component {
    static template = "whatsapp_omni_crm.LeadSection";
    static props = ["conversation", "records?"];

    setup() {
        super.setup();
        this.action = useService("action");
        this.store = useService("mail.store");
    }

    get rights() {
        return this.store.whatsapp_omni_crm;
    }

    create() {
        return createLead(this.props.conversation);
    }

    choose() {
        return chooseLead(this.props.conversation);
    }

    link({ id }) {
        return linkLead(this.props.conversation, id);
    }

    open({ id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.lead",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

recordSections.add("leads", LeadSection, { sequence: 10 });
