import { click, contains } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryFirst } from "@odoo/hoot-dom";

import {
    BAR,
    CAPTURE,
    card,
    COMPOSER,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("mobile");
defineWhatsappModels();

const INBOX = ".o-whatsapp_omni-Inbox";
const LIST = ".o-whatsapp_omni-ConversationList";
const PANEL = ".o-whatsapp_omni-SidePanel";

test("list, thread and panel are three pages with a way back", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk();
    await contains(LIST);
    await contains(".o-mail-DiscussContent", { count: 0 });
    await click("[data-tab='attended']");
    await click(card(id));
    await contains(".o-mail-Thread");
    await contains(COMPOSER);
    await contains(LIST, { count: 0 });
    await click(".o-whatsapp_omni-ConversationHeader-panel");
    await contains(PANEL);
    await contains(".o-mail-DiscussContent", { count: 0 });
    await click(".o-whatsapp_omni-back");
    await contains(".o-mail-Thread");
    await click(".o-whatsapp_omni-back");
    await contains(LIST);
});

test("nothing scrolls sideways", async () => {
    await startWhatsappServer();
    const id = createConversation({
        name: "A customer with a name that is a good deal longer than a phone is wide",
        last_text: "and_a_text_without_any_space_that_goes_on_and_on_and_on_and_on_and_on",
        window_end: minutesAgo(-60),
        failed_count: 3,
        waiting_count: 12,
    });
    await openDesk();
    await contains(card(id));
    const inbox = queryFirst(INBOX);
    expect(inbox.scrollWidth).toBe(inbox.clientWidth);
    const list = queryFirst(`${LIST}-cards`);
    expect(list.scrollWidth).toBe(list.clientWidth);
    await click(card(id));
    await contains(`${BAR}[data-state='peek']`);
    const header = queryFirst(".o-mail-DiscussContent-header");
    expect(header.scrollWidth).toBe(header.clientWidth);
});

test("a lost race leads back to the list", async () => {
    const pyEnv = await startWhatsappServer();
    const id = createConversation();
    await openDesk();
    await contains(card(id));
    pyEnv["whatsapp_omni.conversation"].write([id], {
        state: "attended",
        owner_user_id: 777,
    });
    await click(`${card(id)} ${CAPTURE}`);
    await contains(".o_notification", { text: "Ana took this conversation first." });
    await contains(LIST);
    await contains(card(id), { count: 0 });
});
