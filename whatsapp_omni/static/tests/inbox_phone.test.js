import { assertChatHub, click, contains, setupChatHub } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryFirst } from "@odoo/hoot-dom";
import { Command, getService, serverState } from "@web/../tests/web_test_helpers";

import {
    agentServer,
    BAR,
    CAPTURE,
    card,
    COMPOSER,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    pushToAgent,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("mobile");
defineWhatsappModels();

const INBOX = ".o-whatsapp_omni-Inbox";
const EMPTY = ".o-whatsapp_omni-EmptyState";
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
    // the panel has the files, the name has the room
    await contains(".o-mail-DiscussContent-header button[name='search-messages']");
    await contains(".o-mail-DiscussContent-header button[name='attachments']", { count: 0 });
    await click(".o-whatsapp_omni-ConversationHeader-panel");
    await contains(PANEL);
    await contains(".o-mail-DiscussContent", { count: 0 });
    await click(".o-whatsapp_omni-back");
    await contains(".o-mail-Thread");
    await click(".o-whatsapp_omni-back");
    await contains(LIST);
});

test("the set-up, and what to ask for, come instead of an empty list", async () => {
    await startWhatsappServer({
        inbox: {
            has_queue: false,
            is_administrator: true,
            setup: { provider: true, queue: false, line: false, callback: false },
        },
    });
    await openDesk();
    await contains("[data-step='queue'] button");
    await contains(LIST, { count: 0 });
    const id = createConversation();
    pushConversation(id);
    await contains(card(id));
    await contains("[data-step]", { count: 0 });
});

test("who is in no queue learns what to ask for", async () => {
    await startWhatsappServer({ inbox: { has_queue: false } });
    await openDesk();
    await contains(EMPTY, { text: "You are not in a queue yet" });
});

test("an address that leads nowhere says so, and leads back to the list", async () => {
    await startWhatsappServer();
    const id = createConversation();
    await openDesk(987654);
    await contains(EMPTY, { text: "This conversation cannot be shown" });
    await click("button", { text: "Back to the list" });
    await contains(card(id));
});

test("what is left of the window is told beside the name", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, window_end: minutesAgo(-90) });
    await openDesk(id);
    await contains(COMPOSER);
    const left = queryFirst(".o-whatsapp_omni-ConversationHeader [data-level='urgent']");
    const room = left.parentElement.getBoundingClientRect();
    expect(left.getBoundingClientRect().right).not.toBeGreaterThan(room.right + 1);
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

test("the actions are in a sheet at the bottom", async () => {
    await startWhatsappServer();
    await openDesk(createConversation({ isMine: true }));
    await contains(COMPOSER);
    await click(".o-whatsapp_omni-ConversationHeader-more");
    for (const action of ["transfer", "put-aside", "star", "tags"]) {
        await contains(`.o_bottom_sheet .o-whatsapp_omni-ConversationHeader-${action}`);
    }
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

test("no chat window that is open from elsewhere lies over the desk", async () => {
    const pyEnv = await startWhatsappServer();
    const id = createConversation();
    const channelId = pyEnv["discuss.channel"].create({
        name: "OdooBot",
        channel_member_ids: [Command.create({ partner_id: serverState.partnerId })],
    });
    setupChatHub({ opened: [channelId] });
    await openDesk();
    await contains(card(id));
    await contains(".o-mail-ChatWindow, .o-mail-ChatBubble", { count: 0 });
    assertChatHub({ folded: [channelId] });
    // what the agent opens is what they want to see
    const { Thread } = getService("mail.store");
    Thread.get({ model: "discuss.channel", id: channelId }).open({ focus: true });
    await contains(".o-mail-ChatWindow", { text: "OdooBot" });
});

test("who is no agent any more reads so where the list was", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await contains(COMPOSER);
    agentServer.isAgent = false;
    pushToAgent("whatsapp_omni.queues_changed", {});
    await contains(EMPTY, { text: "You are not a WhatsApp agent any more" });
    await contains(`${LIST}, ${COMPOSER}`, { count: 0 });
});
