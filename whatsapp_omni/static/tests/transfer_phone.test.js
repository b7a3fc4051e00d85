import { click, contains } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { onRpc } from "@web/../tests/web_test_helpers";

import {
    createConversation,
    defineWhatsappModels,
    openDesk,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("mobile");
defineWhatsappModels();

test("a phone transfers from the menu, in a dialog over the whole screen", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    onRpc("whatsapp_omni.conversation", "get_transfer_targets", () => ({
        agents: [],
        queues: [{ id: 61, name: "Sales", available: 1, agents: 3, waiting: 0, is_current: false }],
    }));
    await openDesk(id);
    await click(".o-whatsapp_omni-ConversationHeader-more");
    await click(".o-whatsapp_omni-ConversationHeader-transfer");
    await contains(".o_modal_full .o-whatsapp_omni-TransferDialog-option", { text: "Sales" });
});
