import { _t } from "@web/core/l10n/translation";

import { conversationActions } from "@whatsapp_omni/core/conversation_actions";
import { IdentifyDialog } from "@whatsapp_omni/core/identify/identify_dialog";

function openDialog(conversation, env) {
    return env.services.dialog.add(IdentifyDialog, { conversation });
}

conversationActions
    .add(
        "identify",
        {
            name: _t("Identify the customer"),
            icon: "fa-user-plus",
            condition: (conversation) => !conversation.is_identified,
            run: openDialog,
        },
        { sequence: 50 }
    )
    .add(
        "change_contact",
        {
            name: _t("Link another contact"),
            icon: "fa-exchange",
            condition: (conversation) => conversation.is_identified,
            run: openDialog,
        },
        { sequence: 51 }
    );
