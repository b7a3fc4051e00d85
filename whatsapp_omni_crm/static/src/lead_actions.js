import { _t } from "@web/core/l10n/translation";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { conversationActions } from "@whatsapp_omni/core/conversation_actions";

/** Whether a conversation's customer may be a lead, and its user works with leads. */
function mayLink(conversation) {
    return Boolean(conversation.store.whatsapp_omni_crm?.can_read);
}

function mayCreate(conversation) {
    return Boolean(conversation.store.whatsapp_omni_crm?.can_create);
}

/** @param {import("models").Conversation} conversation */
export async function createLead(conversation) {
    const { orm, dialog, notification } = conversation.store.env.services;
    const { view_id, defaults } = await orm.call(CONVERSATION_MODEL, "get_lead_options", [
        [conversation.id],
    ]);
    dialog.add(FormViewDialog, {
        resModel: "crm.lead",
        title: _t("New lead"),
        viewId: view_id,
        context: defaults,
        canExpand: false,
        onRecordSaved: () => {
            conversation.panelNews++;
            notification.add(_t("The lead is created and linked to this conversation."), {
                type: "success",
            });
        },
    });
}

/**
 * @param {import("models").Conversation} conversation
 * @param {number} leadId
 */
export async function linkLead(conversation, leadId) {
    const { orm, notification } = conversation.store.env.services;
    await orm.call(CONVERSATION_MODEL, "action_link_lead", [[conversation.id], leadId]);
    conversation.panelNews++;
    notification.add(_t("The lead is linked to this conversation."), { type: "success" });
}

/** @param {import("models").Conversation} conversation */
export function chooseLead(conversation) {
    conversation.store.env.services.dialog.add(SelectCreateDialog, {
        title: _t("Link an open lead"),
        resModel: "crm.lead",
        domain: [["won_status", "=", "pending"]],
        multiSelect: false,
        noCreate: true,
        onSelected: ([leadId]) => linkLead(conversation, leadId),
    });
}

conversationActions
    .add(
        "create_lead",
        {
            name: _t("Create a lead"),
            icon: "fa-star-o",
            condition: mayCreate,
            run: createLead,
        },
        { sequence: 60 }
    )
    .add(
        "link_lead",
        {
            name: _t("Link a lead"),
            icon: "fa-link",
            condition: mayLink,
            run: chooseLead,
        },
        { sequence: 61 }
    );
