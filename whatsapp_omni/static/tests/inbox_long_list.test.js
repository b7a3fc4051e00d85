import { click, contains, insertText, scroll } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press, queryFirst } from "@odoo/hoot-dom";

import {
    CAPTURE,
    CARD,
    card,
    createConversation,
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

const CARDS = ".o-whatsapp_omni-ConversationList-cards";
const SEARCH = "input[type='search']";
const PAGE = 60;

/** As many as are listed in this order. */
function createMany(count, values = {}) {
    const waiting_since = minutesAgo(30);
    return Array.from({ length: count }, (_, index) =>
        createConversation({ name: `Customer ${index + 1}`, waiting_since, ...values })
    );
}

async function openManyWaiting(count = 200) {
    await startWhatsappServer();
    const ids = createMany(count);
    await openDesk();
    await contains(CARD, { count: PAGE });
    return ids;
}

test("the first page of a long list is drawn, and all are counted", async () => {
    const ids = await openManyWaiting();
    await contains(TAB_NEW, { text: "New200" });
    await contains(card(ids[PAGE - 1]));
    await contains(card(ids[PAGE]), { count: 0 });
});

test("a list of one page is drawn whole", async () => {
    await startWhatsappServer();
    createMany(PAGE);
    await openDesk();
    await contains(CARD, { count: PAGE });
    await contains(".o-whatsapp_omni-ConversationList-more", { count: 0 });
});

test("scrolling to the end draws the next page, until all are drawn", async () => {
    const ids = await openManyWaiting(150);
    await scroll(CARDS, "bottom");
    await contains(CARD, { count: 2 * PAGE });
    await contains(card(ids[2 * PAGE - 1]));
    await scroll(CARDS, "bottom");
    await contains(CARD, { count: 150 });
    await contains(".o-whatsapp_omni-ConversationList-more", { count: 0 });
});

test("what arrives on top of a list takes nothing from those that are read", async () => {
    const ids = await openManyWaiting();
    await press("j");
    await press("End");
    await contains(`${card(ids[199])}:focus`);
    pushConversation(createConversation({ customer_priority: "3" }));
    await contains(TAB_NEW, { text: "New201" });
    await contains(`${card(ids[199])}:focus`);
});

test("the arrows and J reach the cards of later pages", async () => {
    const ids = await openManyWaiting();
    queryFirst(card(ids[PAGE - 1])).focus();
    await press("ArrowDown");
    await contains(`${card(ids[PAGE])}:focus`);
    for (let index = PAGE + 1; index < 3 * PAGE; index++) {
        await press("j");
        await contains(`${card(ids[index])}:focus`);
    }
    await press("k");
    await contains(`${card(ids[3 * PAGE - 2])}:focus`);
});

test("End goes to the last one of all, Home to the first", async () => {
    const ids = await openManyWaiting();
    queryFirst(card(ids[3])).focus();
    await press("End");
    await contains(`${card(ids[199])}:focus`);
    await press("ArrowUp");
    await contains(`${card(ids[198])}:focus`);
    await press("Home");
    await contains(`${card(ids[0])}:focus`);
});

test("what an address opens is drawn, however far down it is", async () => {
    await startWhatsappServer();
    const ids = createMany(200);
    await openDesk(ids[150]);
    await contains(`${card(ids[150])}[aria-selected='true'][tabindex='0']`);
    await press("j");
    await contains(`${card(ids[151])}:focus`);
});

test("the next one comes under the cursor when the last one drawn has gone", async () => {
    const ids = await openManyWaiting();
    await click(card(ids[PAGE - 1]));
    queryFirst(card(ids[PAGE - 1])).focus();
    pushRemoval(ids[PAGE - 1]);
    await contains(`${card(ids[PAGE])}[aria-selected='true']:focus`);
});

test("the other tab begins with its first page at the top, and so does coming back", async () => {
    await startWhatsappServer();
    createMany(200);
    createMany(80, { isMine: true });
    await openDesk();
    await contains(CARD, { count: PAGE });
    await scroll(CARDS, "bottom");
    await contains(CARD, { count: 2 * PAGE });
    await click(TAB_ATTENDED);
    await contains(CARD, { count: PAGE });
    expect(queryFirst(CARDS).scrollTop).toBe(0);
    await scroll(CARDS, "bottom");
    await contains(CARD, { count: 80 });
    await click(TAB_NEW);
    await contains(CARD, { count: PAGE });
    expect(queryFirst(CARDS).scrollTop).toBe(0);
});

test("a search looks at all, and begins with its first page at the top", async () => {
    const ids = await openManyWaiting();
    await insertText(SEARCH, "Customer 187");
    await contains(CARD, { count: 1 });
    await contains(card(ids[186]));
    await insertText(SEARCH, "", { replace: true });
    await contains(CARD, { count: PAGE });
    await scroll(CARDS, "bottom");
    await contains(CARD, { count: 2 * PAGE });
    // 10 to 19 and 100 to 199 among them
    await insertText(SEARCH, "Customer 1", { replace: true });
    await contains(card(ids[1]), { count: 0 });
    await contains(CARD, { count: PAGE });
    expect(queryFirst(CARDS).scrollTop).toBe(0);
});

test("the colleagues' ones follow in the same pages", async () => {
    await startWhatsappServer();
    createMany(40, { isMine: true });
    createMany(100, { state: "attended", owner_user_id: 777 });
    await openDesk();
    await click(TAB_ATTENDED);
    await contains(CARD, { count: 40 });
    await click("button", { text: "Colleagues (100)" });
    await contains("[aria-label='Colleagues'] [role='option']", { count: PAGE - 40 });
    await scroll(CARDS, "bottom");
    await contains("[aria-label='Colleagues'] [role='option']", { count: 2 * PAGE - 40 });
    await press("j");
    await click("button", { text: "Colleagues (100)" });
    await contains(CARD, { count: 40 });
});

test("one that is taken from a later page is drawn among our own", async () => {
    const ids = await openManyWaiting();
    await scroll(CARDS, "bottom");
    await contains(CARD, { count: 2 * PAGE });
    await click(`${card(ids[100])} ${CAPTURE}`);
    await contains(`${card(ids[100])}[aria-selected='true']`);
    await contains(CARD, { count: 1 });
    await click(TAB_NEW);
    await contains(TAB_NEW, { text: "New199" });
    await contains(CARD, { count: PAGE });
});
