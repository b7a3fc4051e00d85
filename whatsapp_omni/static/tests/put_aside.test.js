import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import { getService, makeServerError, onRpc } from "@web/../tests/web_test_helpers";

import { usualTimes } from "@whatsapp_omni/core/put_aside/put_aside_dialog";

import {
    CARD,
    card,
    COMPOSER,
    createConversation,
    createGuest,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    pushEvent,
    pushRemoval,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const HEADER = ".o-whatsapp_omni-ConversationHeader";
const ITEM = ".o-dropdown-item.o-whatsapp_omni-ConversationHeader";
const NAME = ".o-whatsapp_omni-ConversationCard-name";

async function openOwn(values) {
    await startWhatsappServer();
    const id = createConversation({ name: "Marta", isMine: true, ...values });
    await openDesk(id);
    await contains(`${COMPOSER}:focus`);
    return id;
}

/** Letters are shortcuts only where nothing is being written. */
async function pressOutside(key) {
    document.activeElement.blur();
    await press(key);
}

test("a conversation is parked until the customer writes, and taken up again", async () => {
    const id = await openOwn();
    await click(`${HEADER}-put-aside`);
    await click(".o-whatsapp_omni-PutAsideDialog-untilAnswer");
    await contains(`${card(id)} ${CARD}-aside`, { text: "Parked" });
    await contains(".o_notification", { text: "Parked: Marta. It comes back by itself." });
    await click(card(id));
    await click(`${HEADER}-resume`);
    await contains(`${card(id)} ${CARD}-aside`, { count: 0 });
});

test("parking can be undone at once", async () => {
    const id = await openOwn();
    await pressOutside("p");
    await click(".o-whatsapp_omni-PutAsideDialog-time:eq(0)");
    await contains(`${card(id)} ${CARD}-aside`);
    await click(".o_notification_buttons button", { text: "Undo" });
    await contains(`${card(id)} ${CARD}-aside`, { count: 0 });
});

test("what was parked can be undone no longer once it is back, or gone", async () => {
    const id = await openOwn();
    const other = createConversation({ name: "Otto", isMine: true });
    pushConversation(other);
    await pressOutside("p");
    await click(".o-whatsapp_omni-PutAsideDialog-untilAnswer");
    await contains(".o_notification:contains(Parked: Marta)");
    pushConversation(id, { parked_at: false, waiting_count: 1 });
    await contains(".o_notification:contains(Parked: Marta)", { count: 0 });
    await click(card(other));
    await contains(`${HEADER}-name`, { text: "Otto" });
    await pressOutside("p");
    await click(".o-whatsapp_omni-PutAsideDialog-untilAnswer");
    await contains(".o_notification:contains(Parked: Otto)");
    pushRemoval(other);
    await contains(".o_notification:contains(Parked: Otto)", { count: 0 });
});

test("the usual times are in the days to come", () => {
    mockDate("2026-11-24 18:30:00", 1); // a Tuesday
    const times = usualTimes(luxon.DateTime.now()).map(({ moment }) =>
        moment.toFormat("yyyy-MM-dd HH:mm")
    );
    expect(times).toEqual([
        "2026-11-24 20:30",
        "2026-11-24 22:30",
        "2026-11-25 09:00",
        "2026-11-30 09:00",
    ]);
});

test("what the server refuses is said in the dialog, which stays", async () => {
    await openOwn();
    onRpc("whatsapp_omni.conversation", "action_put_aside", () => {
        throw makeServerError({ message: "Choose a time that is still to come." });
    });
    await pressOutside("p");
    await click(".o-whatsapp_omni-PutAsideDialog-untilAnswer");
    await contains(".o-whatsapp_omni-PutAsideDialog .alert", {
        text: "Choose a time that is still to come.",
    });
});

test("its agent is told when it is back, and opens it from there", async () => {
    await startWhatsappServer();
    const other = createConversation({ name: "Otto", isMine: true });
    const id = createConversation({ name: "Marta", isMine: true });
    await openDesk(other);
    await contains(`${HEADER}-name`, { text: "Otto" });
    pushEvent("whatsapp_omni.resumed", {
        conversation_id: id,
        message: "Marta is back from parking.",
    });
    await contains(".o_notification", { text: "Marta is back from parking." });
    await click(".o_notification_buttons button", { text: "Open" });
    await contains(`${HEADER}-name`, { text: "Marta" });
});

test("the news that it is back goes with its opening, or by itself", async () => {
    await startWhatsappServer();
    const other = createConversation({ name: "Otto", isMine: true });
    const id = createConversation({ name: "Marta", isMine: true });
    await openDesk(other);
    const news = { conversation_id: id, message: "Marta is back from parking." };
    pushEvent("whatsapp_omni.resumed", news);
    await contains(".o_notification");
    await advanceTime(10 * 1000);
    await contains(".o_notification", { count: 0 });
    expect(getService("mail.store").whatsappDesk.notices.size).toBe(0);
    pushEvent("whatsapp_omni.resumed", news);
    await contains(".o_notification");
    await click(card(id));
    await contains(".o_notification", { count: 0 });
});

test("who waits for us is above who does not, and what is parked below", async () => {
    await startWhatsappServer();
    const own = { isMine: true, last_message_at: minutesAgo(1) };
    createConversation({ ...own, name: "Parked", waiting_count: 1, parked_at: minutesAgo(9) });
    createConversation({ ...own, name: "Answered" });
    const last = createConversation({
        name: "Waiting",
        isMine: true,
        waiting_count: 1,
        last_message_at: minutesAgo(30),
    });
    await openDesk(last);
    await contains(CARD, { count: 3 });
    expect(queryAllTexts(NAME)).toEqual(["Waiting", "Answered", "Parked"]);
});

test("Tab in the empty composer leads to who has waited longest", async () => {
    await startWhatsappServer();
    const here = createConversation({ name: "Here", isMine: true });
    createConversation({
        name: "Short",
        isMine: true,
        waiting_count: 1,
        waiting_since: minutesAgo(1),
    });
    createConversation({
        name: "Long",
        isMine: true,
        waiting_count: 1,
        waiting_since: minutesAgo(9),
    });
    await openDesk(here);
    await contains(`${COMPOSER}:focus`);
    await press("Tab");
    await contains(`${HEADER}-name`, { text: "Long" });
    await contains(`${COMPOSER}:focus`);
    await insertText(COMPOSER, "half an answer");
    await press("Tab");
    await contains(`${HEADER}-name`, { text: "Long" });
});

test("who waits longer than the queue wants stands out", async () => {
    await startWhatsappServer();
    const late = createConversation({ waiting_count: 1 });
    const early = createConversation({ waiting_count: 1 });
    await openDesk();
    // the clock of the page has gone on since
    pushConversation(late, { waiting_since: minutesAgo(6) });
    pushConversation(early, { waiting_since: minutesAgo(2) });
    await contains(`${card(late)} time.text-danger`);
    await contains(`${card(early)} time.text-muted`);
});

test("a star is put on and taken off by its key", async () => {
    const id = await openOwn();
    await pressOutside("s");
    await contains(`${card(id)} ${CARD}-star`);
    await pressOutside("s");
    await contains(`${card(id)} ${CARD}-star`, { count: 0 });
});

test("tags are chosen from a list, shown on the card and searched for", async () => {
    const id = await openOwn();
    createConversation({ name: "Somebody else", isMine: true });
    await click(`${HEADER}-more`);
    await click(`${ITEM}-tags`);
    await click(".o-whatsapp_omni-TagsDialog input");
    await click(".o-autocomplete--dropdown-item", { text: "Refund" });
    await click(".o-whatsapp_omni-TagsDialog-save");
    await contains(`${card(id)} ${CARD}-tag`, { text: "Refund" });
    await insertText("input[type='search']", "refu");
    await contains(CARD, { count: 1 });
});

test("a whole number that is hidden here is looked for on the server", async () => {
    await startWhatsappServer();
    const id = createConversation({ name: "Marta", number: "+34 ••• ••• 222", isMine: true });
    const here = createConversation({ name: "Here", isMine: true });
    onRpc("whatsapp_omni.conversation", "find_by_number", ({ args }) => {
        expect.step(args[0]);
        return [id];
    });
    await openDesk(here);
    await insertText("input[type='search']", "600 11 12 22");
    await contains(CARD, { count: 1 });
    await contains(card(id));
    expect.verifySteps(["600 11 12 22"]);
});

test("who searches for what messages hide is told that it is not found", async () => {
    await startWhatsappServer();
    onRpc("whatsapp_omni.conversation", "find_by_number", () => []);
    await openDesk(createConversation({ name: "Marta", isMine: true }));
    for (const term of ["4111 1111 1111 1111", "ana@example.com"]) {
        await insertText("input[type='search']", term, { replace: true });
        await contains(".o-whatsapp_omni-ConversationList-hidden");
    }
    await insertText("input[type='search']", "parcel 12", { replace: true });
    await contains(".o-whatsapp_omni-ConversationList-hidden", { count: 0 });
});

test("messages of all own conversations are searched", async () => {
    await startWhatsappServer();
    const id = createConversation({ name: "Marta", isMine: true });
    const here = createConversation({ name: "Here", isMine: true });
    const messageId = createMessage(id, {
        author_guest_id: createGuest("Marta"),
        author_id: false,
        body: "<p>my parcel is broken</p>",
    });
    onRpc("whatsapp_omni.conversation", "search_own_messages", ({ args }) => {
        expect.step(args[0]);
        return [
            {
                message_id: messageId,
                conversation_id: id,
                name: "Marta",
                date: minutesAgo(60),
                snippet: "my parcel is broken",
            },
        ];
    });
    await openDesk(here);
    await insertText("input[type='search']", "parcel");
    await contains(".o-whatsapp_omni-ConversationList-messages button", {
        text: "my parcel is broken",
    });
    expect.verifySteps(["parcel"]);
    await click(".o-whatsapp_omni-ConversationList-messages button");
    await contains(".o-mail-Message.o-highlighted", { text: "my parcel is broken" });
});
