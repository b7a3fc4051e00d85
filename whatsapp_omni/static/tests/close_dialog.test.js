import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { press } from "@odoo/hoot-dom";
import { asyncStep, makeServerError, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    card,
    channelOf,
    createConversation,
    createMessage,
    defineWhatsappModels,
    makeDisposition,
    minutesAgo,
    openDesk,
    pushConversation,
    pushMessage,
    pushRemoval,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const CONVERSATION = "whatsapp_omni.conversation";
const CLOSE = ".o-whatsapp_omni-ConversationHeader-close";
const DIALOG = ".o-whatsapp_omni-CloseDialog";
const FORM = ".o-whatsapp_omni-ResultForm";
const RECORDS = ".o-whatsapp_omni-Records";
const SELECTED = ".o-whatsapp_omni-ConversationCard[aria-selected='true']";

function listen() {
    onRpc(CONVERSATION, "action_close", ({ kwargs }) =>
        asyncStep(`close ${kwargs.disposition_id} ${kwargs.note}`)
    );
}

/** @param {Object} values what differs in what can be chosen */
function offer(values) {
    onRpc(CONVERSATION, "get_closing", async ({ parent }) => ({
        ...(await parent()),
        ...values,
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
    await contains(`${FORM}-search:focus`);
    await press("ArrowDown");
    await press("ArrowDown");
    await contains(`${DIALOG} [aria-selected='true']`, { text: "Sale" });
    await press("Enter");
    await waitForSteps(["close 2 "]);
});

test("the line says goodbye, unless the agent switches it off this time", async () => {
    await startWhatsappServer();
    const ids = [createConversation({ isMine: true }), createConversation({ isMine: true })];
    offer({ farewell: { body: "Adiós, Lucía" } });
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

test("what is typed finds it, Enter takes it", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    const names = ["One", "Two", "Three", "Última"];
    offer({ dispositions: names.map((name, index) => makeDisposition(index + 1, name)) });
    listen();
    await openDesk(id);
    await click(CLOSE);
    await contains(`${FORM}-search:focus`);
    await insertText(`${FORM}-search`, "ulti");
    await contains(`${DIALOG} [role='option'][aria-selected='true']`, {
        count: 1,
        text: "Última",
    });
    await press("Enter");
    await waitForSteps(["close 4 "]);
});

test("a sub-option is found by its option, and stands below it", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    const sale = { option: "Sale", option_id: 20 };
    offer({
        dispositions: [
            makeDisposition(1, "Solved"),
            makeDisposition(2, "Won", sale),
            makeDisposition(3, "Lost", sale),
        ],
    });
    listen();
    await openDesk(id);
    await click(CLOSE);
    await contains(`${FORM}-list`, { text: "SolvedSaleWonLost" });
    await insertText(`${FORM}-search`, "sale lo");
    await contains(`${DIALOG} [aria-selected='true']`, { text: "Lost" });
    await press("Enter");
    await waitForSteps(["close 3 "]);
});

test("Enter leads to what is missing of the form, and closes when nothing is", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    offer({
        dispositions: [
            makeDisposition(7, "Sale", {
                note_required: true,
                fields: [
                    { id: 31, name: "Order", kind: "text", required: true, choices: [] },
                    { id: 32, name: "Items", kind: "number", required: false, choices: [] },
                    {
                        id: 33,
                        name: "Paid by",
                        kind: "choice",
                        required: false,
                        choices: ["Card", "Cash"],
                    },
                ],
            }),
        ],
    });
    onRpc(CONVERSATION, "action_close", ({ kwargs }) => {
        asyncStep(JSON.stringify([kwargs.values, kwargs.note]));
        return true;
    });
    await openDesk(id);
    await click(CLOSE);
    await contains(`${FORM}-search:focus`);
    await press("ArrowDown");
    await contains(`${DIALOG}-obstacle`, { text: "Fill in what is marked with *." });
    await press("Enter");
    await contains("[data-asks-for='31']:focus");
    await insertText("[data-asks-for='31']", "S00012");
    await press("Enter");
    await contains(`${FORM}-note:focus`);
    await contains(`${DIALOG}-confirm:disabled`);
    await insertText(`${FORM}-note`, "paid");
    await contains(`${DIALOG}-confirm:enabled`);
    await press(["Control", "Enter"]);
    await waitForSteps([JSON.stringify([{ 31: "S00012" }, "paid"])]);
    await contains(DIALOG, { count: 0 });
});

test("spam can be blocked, what is no spam cannot", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    onRpc(CONVERSATION, "action_close", ({ kwargs }) => asyncStep(`block ${kwargs.block}`));
    await openDesk(id);
    await click(CLOSE);
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await contains(`${DIALOG}-block`, { count: 0 });
    await click(`${DIALOG} [role='option']`, { text: "Spam" });
    await click(`${DIALOG}-block`);
    await click(`${DIALOG}-confirm`);
    await waitForSteps(["block true"]);
});

test("a queue that wants to know who it was takes spam without", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    offer({ must_identify: true });
    await openDesk(id);
    await click(CLOSE);
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await contains(`${DIALOG}-confirm:disabled`);
    await contains(`${DIALOG}-obstacle`, {
        text: "This queue wants to know who it was: link the customer to a contact, or choose spam or wrong number.",
    });
    await click(`${DIALOG} [role='option']`, { text: "Spam" });
    await contains(`${DIALOG}-confirm:enabled`);
});

test("a follow-up needs to say what, and has a date already", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    onRpc(CONVERSATION, "action_close", ({ kwargs }) =>
        asyncStep(`${kwargs.follow_up.summary} ${kwargs.follow_up.date.length}`)
    );
    await openDesk(id);
    await click(CLOSE);
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await click(".o-whatsapp_omni-FollowUp input[role='switch']");
    await contains(`${DIALOG}-confirm:disabled`);
    await insertText(".o-whatsapp_omni-FollowUp-summary", "Call her");
    await click(`${DIALOG}-confirm:enabled`);
    await waitForSteps(["Call her 10"]);
});

test("records tell how earlier ones ended, and what was corrected", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    const earlierId = createConversation({ isMine: true, state: "closed" });
    const values = [{ field_id: 31, name: "Order", value: "S1", text: "S1" }];
    const record = {
        date: minutesAgo(8000),
        agent: "Luis",
        number: "+34 600 11 12 22",
        queue: "Support",
        line: "Main line",
        result: "Sale › Won",
        is_chosen: true,
        note: "All good",
        values,
        earlier: [
            {
                id: 4,
                date: minutesAgo(8100),
                who: "Luis",
                disposition: "Solved",
                note: false,
                values: [],
            },
        ],
        may_correct: true,
    };
    onRpc(CONVERSATION, "get_records", ({ kwargs }) => {
        asyncStep(`from ${kwargs.offset}`);
        return { total: 11, records: [{ ...record, id: earlierId }] };
    });
    const result = { disposition_id: 1, note: "All good", values: [] };
    offer({ may_correct: true, result });
    onRpc(CONVERSATION, "action_correct", ({ args: [[conversationId]], kwargs }) => {
        asyncStep(`correct ${conversationId} ${kwargs.disposition_id} ${kwargs.note}`);
        return true;
    });
    await openDesk(id);
    await click(CLOSE);
    await contains(`${FORM}-search:focus`);
    await press(["Alt", "r"]);
    await waitForSteps(["from 0"]);
    await contains(`${RECORDS}-record`, { text: "Sale › Won" });
    await contains(`${RECORDS}-record`, { text: "Order: S1" });
    await contains(`${RECORDS}-earlier s`, { text: "Solved" });
    await contains(`${RECORDS}-previous:disabled`);
    await click(`${RECORDS}-next`);
    await waitForSteps(["from 10"]);
    await click(`${RECORDS}-correct`);
    await contains(".o-whatsapp_omni-CorrectDialog [aria-selected='true']", { text: "Solved" });
    await click(".o-whatsapp_omni-CorrectDialog [role='option']", { text: "Sale" });
    await click(".o-whatsapp_omni-CorrectDialog-save");
    await waitForSteps([`correct ${earlierId} 2 All good`, "from 10"]);
    await contains(".o-whatsapp_omni-CorrectDialog", { count: 0 });
});

test("what was filled in survives a look at the records", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    listen();
    await openDesk(id);
    await click(CLOSE);
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await insertText(`${FORM}-note`, "two boxes");
    await click(`${DIALOG}-tab[data-tab='records']`);
    await contains(`${RECORDS}-empty`);
    await click(`${DIALOG}-tab[data-tab='form']`);
    await contains(`${FORM}-note`, { value: "two boxes" });
    await click(`${DIALOG}-confirm`);
    await waitForSteps(["close 2 two boxes"]);
});

test("when its line is archived an alert says so, and nothing is left but to close", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    listen();
    await openDesk(id);
    await contains(".o-mail-Composer-input");
    pushConversation(id, { out_of_service: "line" });
    await contains(".o-whatsapp_omni-ComposerBar[data-state='archived'][role='alert']", {
        text: "The line “Support line” was archived.",
    });
    await contains(".o-mail-Composer-input", { count: 0 });
    await contains(".o-whatsapp_omni-ConversationHeader-more", { count: 0 });
    // Colours that a dark theme has as well.
    await click(
        ".o-whatsapp_omni-ComposerBar.alert-danger .o-whatsapp_omni-ComposerBar-close.btn-primary"
    );
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await click(`${DIALOG}-confirm`);
    await waitForSteps(["close 2 "]);
});

test("what is closed can be corrected from its thread", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, state: "closed" });
    onRpc(CONVERSATION, "action_correct", ({ kwargs }) => {
        asyncStep(`correct ${kwargs.disposition_id}`);
        return true;
    });
    const env = await openDesk(id);
    const store = env.services["mail.store"];
    const thread = await store.Thread.getOrFetch({
        model: "discuss.channel",
        id: channelOf(id),
    });
    thread.whatsapp_omni_conversation_id = { id }; // as the server names the latest
    await click(".o-whatsapp_omni-ComposerBar-correct");
    await click(".o-whatsapp_omni-CorrectDialog [role='option']", { text: "Sale" });
    await click(".o-whatsapp_omni-CorrectDialog-save");
    await waitForSteps(["correct 2"]);
    await contains(".o_notification", { text: "The result is corrected." });
});

test("while it is written up, what was said is corrected with one click", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    offer({ wrap_up_seconds: 90, may_correct: true });
    onRpc(CONVERSATION, "action_correct", ({ args: [[conversationId]], kwargs }) => {
        asyncStep(`correct ${conversationId === id} ${kwargs.disposition_id}`);
        return true;
    });
    await openDesk(id);
    await click(CLOSE);
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await click(`${DIALOG}-confirm`);
    await contains(".o_notification_content", {
        text: "The conversation with Lucía Gómez is closed. You have 1:30 to write it up.",
    });
    await click(".o_notification_buttons button", { text: "Correct the result" });
    await click(".o-whatsapp_omni-CorrectDialog [role='option']", { text: "Solved" });
    await click(".o-whatsapp_omni-CorrectDialog-save");
    await waitForSteps(["correct true 1"]);
});

test("a queue without dispositions can be closed as well, with a note", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    offer({ dispositions: [] });
    listen();
    await openDesk(id);
    await click(CLOSE);
    await insertText(`${FORM}-note`, " wrong person ");
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

test("what closing discards is told, whatever it waits for and however much it is", async () => {
    const parked = { id: 1, body: "I will call you", author: "Ana", files: [] };
    const scheduled = { ...parked, id: 2, send_at: "2099-01-02 10:00:00" };
    const another = (reply) => ({ ...reply, id: reply.id + 10 });
    await startWhatsappServer();
    const id = createConversation({ isMine: true, parked_replies: [parked] });
    onRpc(CONVERSATION, "action_close", ({ kwargs }) =>
        asyncStep(`discard ${kwargs.discard_parked}`)
    );
    await openDesk(id);
    await click(CLOSE);
    for (const [parked_replies, text] of [
        [[parked], "A parked reply has not been sent. Closing discards it."],
        [[parked, another(parked)], "2 parked replies have not been sent. Closing discards them."],
        [[scheduled], "A scheduled reply has not been sent yet. Closing discards it."],
        [
            [scheduled, another(scheduled)],
            "2 scheduled replies have not been sent yet. Closing discards them.",
        ],
        [
            [parked, scheduled],
            "2 parked and scheduled replies have not been sent. Closing discards them.",
        ],
    ]) {
        pushConversation(id, { parked_replies });
        await contains(`${DIALOG}-warning`, { text });
    }
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await click(`${DIALOG}-confirm`, { text: "Close anyway" });
    await waitForSteps(["discard true"]);
});

test("what the customer writes while it is being closed is not lost sight of", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, waiting_count: 1, failed_count: 1 });
    await openDesk(id);
    await click(CLOSE);
    await contains(`${DIALOG}-warning`, { text: "One of our messages was not delivered." });
    pushConversation(id, { waiting_count: 2 });
    await contains(`${DIALOG}-warning`, {
        text: "The customer has written meanwhile. Read it before you close.",
    });
    await contains(`${DIALOG}-warning`, { text: "One of our messages was not delivered." });
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

test("what somebody else closes meanwhile can still be read in the dialog", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    onRpc(CONVERSATION, "action_close", () => {
        throw makeServerError({ message: "This conversation was closed meanwhile (Berta)." });
    });
    await openDesk(id);
    await click(CLOSE);
    await insertText(`${FORM}-note`, "Sold");
    pushRemoval(id);
    await contains(card(id), { count: 0 });
    await click(`${DIALOG} [role='option']`, { text: "Sale" });
    await click(`${DIALOG}-confirm`);
    await contains(`${DIALOG}-error`, { text: "This conversation was closed meanwhile (Berta)." });
    await contains(`${FORM}-note`, { value: "Sold" });
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
