import { click, contains, start } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryFirst, waitUntil } from "@odoo/hoot-dom";
import {
    getService,
    makeServerError,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { router } from "@web/core/browser/router";

import {
    BAR,
    card,
    COMPOSER,
    createConversation,
    defineWhatsappModels,
    openDesk,
    PATIENCE,
    pushRemoval,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const EMPTY = ".o-whatsapp_omni-EmptyState";

test("nobody waits: today's numbers", async () => {
    await startWhatsappServer();
    await openDesk();
    await contains(EMPTY, { text: "Nobody is waiting." });
    await contains(EMPTY, { text: "Today: 12 opened · 9 closed" });
    await contains(EMPTY, { text: "No conversation selected" });
    await click(TAB_ATTENDED);
    await contains(EMPTY, { text: "You attend nobody." });
});

test("an agent without queue learns what to ask for", async () => {
    await startWhatsappServer({ inbox: { has_queue: false } });
    await openDesk();
    await contains(EMPTY, { text: "You are not in a queue yet" });
});

test("an administrator is led through the set-up", async () => {
    await startWhatsappServer({
        inbox: {
            has_queue: false,
            is_administrator: true,
            setup: { provider: true, queue: false, line: false, callback: false },
        },
    });
    const actions = [];
    await openDesk();
    patchWithCleanup(getService("action"), {
        doAction: (action) => actions.push(action),
    });
    await contains("[data-step='provider'][data-done='true']");
    await contains("[data-step='queue'][data-done='false'] .btn-primary");
    await contains("[data-step='line'][data-done='false'] .btn-secondary");
    await click("[data-step='queue'] button");
    expect(actions).toEqual(["whatsapp_omni.queue_action"]);
});

test("a finished set-up is not mentioned any more", async () => {
    await startWhatsappServer({
        inbox: {
            is_administrator: true,
            setup: { provider: true, queue: true, line: true, callback: true },
        },
    });
    await openDesk();
    await contains(EMPTY, { text: "No conversation selected" });
    await contains("[data-step]", { count: 0 });
});

test("the address names the conversation, and opens it again", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    const other = createConversation({ name: "Other" });
    await openDesk(id);
    await contains(`${TAB_ATTENDED}[aria-selected='true']`);
    await contains(COMPOSER);
    await click("[data-tab='new']");
    await click(card(other));
    await contains(BAR);
    await waitUntil(() => router.current.resId === other, PATIENCE);
});

test("nobody is promised a new conversation with who is blocked", async () => {
    await startWhatsappServer();
    const id = createConversation({ state: "closed", is_blocked: true });
    await openDesk(id);
    await contains(".o-mail-Thread");
    const { thread } = getService("mail.store").whatsappDesk;
    thread.whatsapp_omni_conversation_id = { id }; // as the server names the latest
    await contains(`${BAR}[data-state='closed']:contains(The customer is blocked)`);
    await contains(`${BAR}:contains(when the customer writes again)`, { count: 0 });
});

test("a closed conversation can be read by its address", async () => {
    await startWhatsappServer();
    const id = createConversation({ state: "closed" });
    await openDesk(id);
    await contains(".o-mail-Thread");
    await contains(`${BAR}[data-state='closed']`, { text: "This conversation is closed." });
    await contains(card(id), { count: 0 });
});

test("what could not be loaded is asked for again by whoever comes next", async () => {
    let isDown = true;
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    onRpc("/mail/data", async (request) => {
        const { params } = await request.json();
        if (isDown && JSON.stringify(params).includes("whatsapp_omni.inbox")) {
            throw makeServerError({ message: "The server is restarting." });
        }
    });
    await start();
    const store = getService("mail.store");
    await store.isReady; // what is asked for in the same request would fail as well
    const desk = store.whatsappDesk;
    await expect(desk.start()).rejects.toThrow(/is restarting/);
    expect(desk.hasLoadingFailed).toBe(true);
    isDown = false;
    await getService("action").doAction(
        { type: "ir.actions.client", tag: "whatsapp_omni.inbox" },
        { props: { resId: id } }
    );
    await contains(COMPOSER);
    await contains(card(id));
});

test("an address that leads nowhere says so", async () => {
    await startWhatsappServer();
    createConversation();
    await openDesk(987654);
    await contains(EMPTY, { text: "This conversation cannot be shown" });
});

test("what somebody else closes leaves the screen with a word", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await contains(COMPOSER);
    pushRemoval(id);
    await contains(".o_notification", {
        text: "The conversation with Lucía Gómez was closed or left your queues.",
    });
    await contains(COMPOSER, { count: 0 });
});

test("the panel tells who it is, and remembers whether it is wanted", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk(id);
    const PANEL = ".o-whatsapp_omni-SidePanel";
    await contains(`${PANEL} [aria-label='Customer']`, { text: "+34 600 11 12 22" });
    await contains(`${PANEL}-timeline`, { text: "Opened · Ana" });
    await contains(`${PANEL}-linkContact`);
    await click(`${PANEL}-tab[data-tab='records']`);
    await contains(`${PANEL}-previous`, { text: "Solved" });
    await click(".o-whatsapp_omni-ConversationHeader-panel");
    await contains(PANEL, { count: 0 });
    expect(localStorage.getItem("whatsapp_omni.is_panel_open")).toBe("false");
});

test("a number that stands for the name is told once", async () => {
    await startWhatsappServer();
    const number = "+34 600 11 12 22";
    const id = createConversation({ isMine: true, name: number, number });
    await openDesk(id);
    await contains(".o-whatsapp_omni-SidePanel-linkContact");
    const header = queryFirst(".o-whatsapp_omni-ConversationHeader").textContent;
    expect(header.split(number)).toHaveLength(2);
    await contains(".o-whatsapp_omni-SidePanel [aria-label='Number']", { count: 0 });
});
