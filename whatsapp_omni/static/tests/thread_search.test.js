import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { press } from "@odoo/hoot-dom";
import { MockServer } from "@web/../tests/web_test_helpers";

import {
    channelOf,
    createConversation,
    createMessage,
    defineWhatsappModels,
    openDesk,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const THREAD = ".o-whatsapp_omni-Inbox .o-mail-Thread";
const SEARCH = ".o-mail-SearchMessagesPanel";

test("a text of long ago is found in the thread, and jumped to", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    createMessage(id, { body: "<p>The order is S00012</p>" });
    let lastId;
    for (let number = 1; number <= 70; number++) {
        lastId = createMessage(id, { body: `<p>Later ${number}</p>` });
    }
    // all of them were read: the thread opens at its end
    const members = MockServer.env["discuss.channel.member"];
    members.write(members.search([["channel_id", "=", channelOf(id)]]), {
        new_message_separator: lastId + 1,
    });
    await openDesk(id);
    await contains(`${THREAD} .o-mail-Message:contains(Later 70)`);
    await contains(`${THREAD} .o-mail-Message:contains(S00012)`, { count: 0 });

    await click("button[name='search-messages']");
    await insertText(`${SEARCH} .o_searchview_input`, "s00012");
    await press("Enter");
    await contains(`${SEARCH} .o-mail-Message`, { text: "The order is S00012" });
    await click(`${SEARCH} .o-mail-MessageCard-jump`);
    await contains(`${THREAD} .o-mail-Message.o-highlighted:contains(The order is S00012)`);
});
