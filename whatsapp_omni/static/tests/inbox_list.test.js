import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";

import {
    CARD,
    card,
    createConversation,
    createGuest,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    pushRemoval,
    startWhatsappServer,
    TAB_ATTENDED,
    TAB_NEW,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const NAME = `${CARD}-name`;

test("a name with a digit is no part of a number", async () => {
    await startWhatsappServer();
    const id = createConversation({ name: "Room 1" });
    createConversation({ name: "Room 2", number: "+34 600 11 12 22" });
    await openDesk();
    await contains(CARD, { count: 2 });
    await insertText("input[type='search']", "Room 1");
    await contains(CARD, { count: 1 });
    await contains(card(id));
});

test("waiting and own conversations are under their tabs, who waits longest first", async () => {
    await startWhatsappServer();
    createConversation({ name: "Newer", waiting_since: minutesAgo(1) });
    createConversation({ name: "Older", waiting_since: minutesAgo(60) });
    createConversation({ name: "Mine", isMine: true });
    await openDesk();
    await contains(`${TAB_NEW}[aria-selected='true']`, { text: "New2" });
    await contains(TAB_ATTENDED, { text: "Attended1" });
    await contains(CARD, { count: 2 });
    expect(queryAllTexts(NAME)).toEqual(["Older", "Newer"]);
    await click(TAB_ATTENDED);
    await contains(CARD, { count: 1 });
    expect(queryAllTexts(NAME)).toEqual(["Mine"]);
});

test("who is more important comes first: by queue, then by customer, and at once", async () => {
    const pyEnv = await startWhatsappServer();
    const urgent = pyEnv["whatsapp_omni.queue"].create({ name: "Urgent", priority: "2" });
    const late = createConversation({ name: "Late", waiting_since: minutesAgo(1) });
    createConversation({ name: "Long", waiting_since: minutesAgo(60) });
    createConversation({
        name: "Important",
        waiting_since: minutesAgo(2),
        customer_priority: "1",
    });
    createConversation({ name: "Urgent", waiting_since: minutesAgo(1), queue_id: urgent });
    await openDesk();
    await contains(CARD, { count: 4 });
    expect(queryAllTexts(NAME)).toEqual(["Urgent", "Important", "Long", "Late"]);
    await contains(`${CARD}-priority[title='This customer comes first']`, { count: 1 });
    pushConversation(late, { customer_priority: "3" });
    await contains(`${CARD}-priority`, { count: 2 });
    expect(queryAllTexts(NAME)).toEqual(["Urgent", "Late", "Important", "Long"]);
});

test("a card tells what an agent has to know", async () => {
    await startWhatsappServer();
    const id = createConversation({
        last_kind: "image",
        last_text: "broken part",
        last_message_at: minutesAgo(3),
        waiting_count: 2,
        failed_count: 1,
        window_end: minutesAgo(-90),
    });
    await openDesk();
    await contains(`${card(id)} img[data-src*='avatar']`);
    await contains(`${card(id)} ${NAME}`, { text: "Lucía Gómez" });
    await contains(`${card(id)} ${CARD}-text`, { text: "broken part" });
    await contains(`${card(id)} ${CARD}-text .fa-camera[aria-label='Photo']`);
    await contains(`${card(id)} ${CARD}-unread`, { text: "2" });
    await contains(`${card(id)} ${CARD}-failed`);
    await contains(`${card(id)} ${CARD}-facts`, { text: "Support" });
    await contains(`${card(id)} .o-whatsapp_omni-WindowLeft[data-level='urgent']`);
});

test("a card tells how long ago the last message was", async () => {
    await startWhatsappServer();
    const id = createConversation();
    await openDesk();
    pushConversation(id, { last_message_at: minutesAgo(3.5) });
    await contains(`${card(id)} time`, { text: "3 min" });
    await advanceTime(60 * 1000);
    await contains(`${card(id)} time`, { text: "4 min" });
});

test("an own card counts what its agent has not read", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, waiting_count: 5 });
    createMessage(id, { author_id: false, author_guest_id: createGuest() });
    createMessage(id, { author_id: false, author_guest_id: createGuest() });
    await openDesk();
    await click(TAB_ATTENDED);
    await contains(`${card(id)} ${CARD}-unread`, { text: "2" });
    await click(card(id));
    await contains(`${card(id)} ${CARD}-unread`, { count: 0 });
});

test("the window is not mentioned while there is plenty of it", async () => {
    await startWhatsappServer();
    const plenty = createConversation({ window_end: minutesAgo(-10 * 60) });
    const over = createConversation({ window_end: minutesAgo(10) });
    await openDesk();
    await contains(card(plenty));
    await contains(`${card(plenty)} .o-whatsapp_omni-WindowLeft`, { count: 0 });
    await contains(`${card(over)} .o-whatsapp_omni-WindowLeft[data-level='over']`);
});

test("arrivals, new texts and removals come by the bus", async () => {
    await startWhatsappServer();
    const first = createConversation({ name: "First", last_message_at: minutesAgo(9) });
    await openDesk();
    await contains(CARD, { count: 1 });
    const second = createConversation({ name: "Second", last_message_at: minutesAgo(1) });
    pushConversation(second);
    await contains(CARD, { count: 2 });
    await contains(TAB_NEW, { text: "New2" });
    expect(queryAllTexts(NAME)).toEqual(["First", "Second"]);
    pushConversation(first, {
        last_text: "Still there?",
        last_message_at: minutesAgo(0),
        waiting_count: 3,
    });
    await contains(`${card(first)} ${CARD}-text`, { text: "Still there?" });
    await contains(`${card(first)} ${CARD}-unread`, { text: "3" });
    expect(queryAllTexts(NAME)).toEqual(["First", "Second"]);
    pushRemoval(second);
    await contains(CARD, { count: 1 });
    await contains(TAB_NEW, { text: "New1" });
});

test("a colleague's capture moves the card to the colleagues", async () => {
    const pyEnv = await startWhatsappServer();
    const id = createConversation();
    const ana = pyEnv["res.partner"].create({ name: "Ana" });
    await openDesk();
    await contains(card(id));
    pushConversation(id, { state: "attended", owner_user_id: 777, owner_partner_id: ana });
    await contains(card(id), { count: 0 });
    await contains(TAB_NEW, { text: "New0" });
    await click(TAB_ATTENDED);
    await contains(TAB_ATTENDED, { text: "Attended0" });
    await contains(card(id), { count: 0 });
    await click("button", { text: "Colleagues (1)" });
    await contains(`${card(id)} ${CARD}-facts:contains(Support · Ana)`);
});

test("search by a part of the name or of the number, whatever its spacing", async () => {
    await startWhatsappServer();
    const lucia = createConversation({ name: "Lucía Gómez", number: "+34 600 11 12 22" });
    const hans = createConversation({ name: "Hans", number: "+49 170 9876543" });
    await openDesk();
    await contains(CARD, { count: 2 });
    await insertText("input[type='search']", "lucia");
    await contains(card(hans), { count: 0 });
    await contains(card(lucia));
    await insertText("input[type='search']", "0170 98", { replace: true });
    await contains(".o-whatsapp_omni-EmptyState", { text: "Nobody found" });
    await insertText("input[type='search']", "+49 1709", { replace: true });
    await contains(card(lucia), { count: 0 });
    await contains(card(hans));
    await contains(TAB_NEW, { text: "New2" });
});

test("a search that finds somebody under the other tab leads there", async () => {
    await startWhatsappServer();
    createConversation({ name: "Hans" });
    const lucia = createConversation({ name: "Lucía Gómez", isMine: true });
    await openDesk();
    await insertText("input[type='search']", "lucia");
    await contains(".o-whatsapp_omni-EmptyState", { text: "Nobody found" });
    await click("button", { text: "1 under Attended" });
    await contains(`${TAB_ATTENDED}[aria-selected='true']`);
    await contains(card(lucia));
    await insertText("input[type='search']", "nobody", { replace: true });
    await contains(".o-whatsapp_omni-EmptyState", { text: "Nobody found" });
    await contains(".o-whatsapp_omni-ConversationList-elsewhere", { count: 0 });
});

test("a search counts the colleagues' conversations that it finds", async () => {
    await startWhatsappServer();
    createConversation({ name: "Hans", state: "attended", owner_user_id: 777 });
    createConversation({ name: "Lucía Gómez", state: "attended", owner_user_id: 777 });
    await openDesk();
    await click(TAB_ATTENDED);
    await contains("button", { text: "Colleagues (2)" });
    await insertText("input[type='search']", "lucia");
    await contains("button", { text: "Colleagues (1)" });
    await insertText("input[type='search']", "nobody", { replace: true });
    await contains(".o-whatsapp_omni-ConversationList-colleagues", { count: 0 });
});

test("tags have colours and a line of their own: queue and sender keep theirs", async () => {
    await startWhatsappServer();
    const id = createConversation({
        tags: ["Complaint", "VIP", "Wholesale"].map((name, color) => ({ id: color, name, color })),
    });
    await openDesk();
    await contains(`${card(id)} ${CARD}-tag.o_tag`, { count: 3 });
    await contains(`${card(id)} ${CARD}-tag.o_tag_color_1`, { text: "VIP" });
    await contains(`${card(id)} ${CARD}-facts ${CARD}-tag`, { count: 0 });
});
