import { _t } from "@web/core/l10n/translation";

import { conversationActions } from "@whatsapp_omni/core/conversation_actions";
import { RefuseDialog } from "@whatsapp_omni/core/transfer/refuse_dialog";
import { TransferDialog } from "@whatsapp_omni/core/transfer/transfer_dialog";

conversationActions
    .add(
        "transfer",
        {
            name: _t("Transfer"),
            icon: "fa-share",
            isButton: true,
            condition: (conversation) => conversation.canTransfer,
            run: (conversation, env) => env.services.dialog.add(TransferDialog, { conversation }),
        },
        { sequence: 30 }
    )
    .add(
        "take_back",
        {
            name: _t("Take back"),
            icon: "fa-undo",
            isButton: true,
            condition: (conversation) => conversation.canTakeBack,
            run: (conversation) => conversation.takeBack(),
        },
        { sequence: 31 }
    )
    .add(
        "refuse",
        {
            name: _t("Send back"),
            icon: "fa-reply",
            isButton: true,
            condition: (conversation) => conversation.canRefuse,
            run: (conversation, env) => env.services.dialog.add(RefuseDialog, { conversation }),
        },
        { sequence: 32 }
    );
