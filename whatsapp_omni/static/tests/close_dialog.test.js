import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { press } from "@odoo/hoot-dom";
import { asyncStep, makeServerError, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    card,
    createConversation,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushMessage,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const CONVERSATION = "whatsapp_omni.conversation";
const CLOSE = ".o-whatsapp_omni-ConversationHeader-close";
const DIALOG = ".o-whatsapp_omni-CloseDialog";
const SELECTED = ".o-whatsapp_omni-ConversationCard[aria-selected='true']";

function listen() {
    onRpc(CONVERSATION, "action_close", ({ kwargs }) =>
        asyncStep(`close ${kwargs.disposition_id} ${kwargs.note}`)
    );
}

function offer(dispositions) {
    onRpc(CONVERSATION, "get_panel", async ({ parent }) => ({
        ...(await parent()),
        dispositions,
    }));
}

test("three clicks close it, and the next one is on the screen", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, last_message_at: minutesAgo(1) });
    const next = createConversation({ isMine: true, last_message_at: minutesAgo(2) });
    listen();
    await openDesk(id);
    await click(CLOSE);
    await contains(`${DIALOG}-confirm:disabled`);
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await click(`${DIALOG}-confirm`, { text: "Close conversation" });
    await waitForSteps(["close 2 "]);
    await contains(DIALOG, { count: 0 });
    await contains(card(id), { count: 0 });
    await contains(TAB_ATTENDED, { text: "Attended1" });
    await contains(`${SELECTED}${card(next)}`);
});

test("who closes it is not told of it, whichever news comes first", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    onRpc(CONVERSATION, "action_close", () => true); // the removal is still to come
    await openDesk(id);
    await click(CLOSE);
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await click(`${DIALOG}-confirm`);
    await contains(card(id), { count: 0 });
    await contains(DIALOG, { count: 0 });
    await contains(".o_notification", { count: 0 });
});

test("it can be closed without a mouse", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    listen();
    await openDesk(id);
    await click(CLOSE);
    await contains(`${DIALOG}-list:focus`);
    await press("ArrowDown");
    await press("ArrowDown");
    await contains(`${DIALOG} [aria-selected='true']`, { text: "Sale" });
    await press("Enter");
    await waitForSteps(["close 2 "]);
});

test("the line says goodbye, unless the agent switches it off this time", async () => {
    await startWhatsappServer();
    const ids = [createConversation({ isMine: true }), createConversation({ isMine: true })];
    onRpc(CONVERSATION, "get_panel", async ({ parent }) => ({
        ...(await parent()),
        farewell: { body: "Adiós, Lucía" },
    }));
    onRpc(CONVERSATION, "action_close", ({ kwargs }) => asyncStep(`farewell ${kwargs.farewell}`));
    await openDesk(ids[0]);
    for (const isOff of [false, true]) {
        await click(CLOSE);
        await contains(`${DIALOG}-farewell:checked`);
        await contains(`${DIALOG} .form-switch`, {
            text: "Say goodbye to the customerAdiós, Lucía",
        });
        if (isOff) {
            await click(`${DIALOG}-farewell`);
        }
        await click(`${DIALOG} [role='option']`, { text: "Sale" });
        await click(`${DIALOG}-confirm`);
        await waitForSteps([`farewell ${!isOff}`]);
        await contains(DIALOG, { count: 0 });
    }
});

test("without a farewell there is nothing to switch off", async () => {
    await startWhatsappServer();
    await openDesk(createConversation({ isMine: true }));
    await click(CLOSE);
    await contains(`${DIALOG}-confirm`);
    await contains(`${DIALOG}-farewell`, { count: 0 });
});

test("a long list is searched", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    const names = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Última"];
    offer(names.map((name, index) => ({ id: index + 1, name })));
    listen();
    await openDesk(id);
    await click(CLOSE);
    await contains(`${DIALOG}-search:focus`);
    await insertText(`${DIALOG}-search`, "ulti");
    await contains(`${DIALOG} [role='option']`, { count: 1, text: "Última" });
    await press("Enter");
    await waitForSteps(["close 8 "]);
});

test("a queue without dispositions can be closed as well, with a note", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    offer([]);
    listen();
    await openDesk(id);
    await click(CLOSE);
    await insertText(`${DIALOG}-note`, " wrong person ");
    await click(`${DIALOG}-confirm:enabled`);
    await waitForSteps(["close false wrong person"]);
});

test("what was not delivered is not lost sight of", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, failed_count: 2 });
    await openDesk(id);
    await click(CLOSE);
    await contains(`${DIALOG}-warning`, { text: "2 of our messages were not delivered." });
    await contains(`${DIALOG}-confirm`, { text: "Close anyway" });
});

test("what has not left yet is not lost sight of either", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    const messageId = createMessage(id);
    await openDesk(id);
    await contains(".o-mail-Message");
    pushMessage(id, { id: messageId, whatsapp_omni_status: { state: "queued" } });
    await contains(".o-whatsapp_omni-MessageStatus[data-state='queued']");
    await click(CLOSE);
    await contains(`${DIALOG}-warning`, { text: "One of our messages has not left yet." });
});

test("the server's refusal is shown where the agent looks", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    onRpc(CONVERSATION, "action_close", () => {
        throw makeServerError({ message: "Only the agent who attends it may close it." });
    });
    await openDesk(id);
    await click(CLOSE);
    await click(`${DIALOG} [role='option']`, { text: "Solved" });
    await click(`${DIALOG}-confirm`);
    await contains(`${DIALOG}-error`, {
        text: "Only the agent who attends it may close it.",
    });
    await contains(card(id));
});
