import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, expect, press, test } from "@odoo/hoot";
import {
    asyncStep,
    makeServerError,
    onRpc,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import {
    BAR,
    CARD,
    card,
    createConversation,
    defineWhatsappModels,
    openDesk,
    pushConversation,
    pushEvent,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const CONVERSATION = "whatsapp_omni.conversation";
const TRANSFER = "whatsapp_omni.transfer";
const HEADER = ".o-whatsapp_omni-ConversationHeader";
const DIALOG = ".o-whatsapp_omni-TransferDialog";
const LUIS = {
    id: 51,
    name: "Luis",
    avatar_url: "",
    state: "available",
    load: 2,
    is_in_queue: true,
};
const EVA = { id: 52, name: "Eva", avatar_url: "", state: "offline", load: 0, is_in_queue: false };
const SALES = { id: 61, name: "Sales", available: 1, agents: 3, waiting: 4, is_current: false };

/** Have these colleagues, and note what is transferred. */
function haveColleagues() {
    onRpc(CONVERSATION, "get_transfer_targets", () => ({ agents: [LUIS, EVA], queues: [SALES] }));
    onRpc(CONVERSATION, "action_transfer", ({ args, kwargs }) => {
        const { kind, note, queue_id, user_id } = kwargs;
        asyncStep([queue_id ? "queue" : "agent", queue_id ?? user_id, kind, note]);
        // the sender sees it until it is taken
        pushConversation(args[0][0], {
            state: "new",
            owner_user_id: false,
            owner_partner_id: false,
            transfer: pending({
                sender_id: serverState.userId,
                to_user_id: user_id ?? false,
                target: "Luis",
            }),
        });
        return 7;
    });
}

function pending(values = {}) {
    return {
        id: 7,
        state: "pending",
        kind: "exclusive",
        note: "Asks for a discount",
        sender: "Ana",
        sender_id: 50,
        target: "Mitchell Admin",
        to_user_id: serverState.userId,
        ...values,
    };
}

test("three clicks: open, choose, confirm", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    haveColleagues();
    await openDesk(id);
    await click(`${HEADER}-transfer`);
    await contains(`${DIALOG}-option`, { count: 3 });
    await contains(`${DIALOG}-option`, { text: "Available · 2 conversations" });
    await contains(`${DIALOG}-option`, { text: "1 of 3 agents available · 4 waiting" });
    await contains(`${DIALOG}-confirm:disabled`);
    await click(`${DIALOG}-option`, { text: "Luis" });
    await click(`${DIALOG}-confirm`, { text: "Transfer to Luis" });
    await waitForSteps([["agent", 51, "immediate", ""]]);
    await contains(DIALOG, { count: 0 });
    await contains(card(id), { count: 0 });
    await contains(".o_notification", { text: "Transferred to Luis." });
    await contains(".o_notification", { count: 1 });
});

test("by keyboard: type, Enter, Enter", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    haveColleagues();
    await openDesk(id);
    await click(`${HEADER}-transfer`);
    await contains(`${DIALOG}-search:focus`);
    await insertText(`${DIALOG}-search`, "sal");
    await contains(`${DIALOG}-option`, { count: 1 });
    await press("Enter");
    await contains(`${DIALOG}-option[aria-selected='true']`, { text: "Sales" });
    await press("Enter");
    await waitForSteps([["queue", 61, "immediate", ""]]);
});

test("arrows move, the note goes along, and who is not available can be waited for", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    haveColleagues();
    await openDesk(id);
    await click(`${HEADER}-transfer`);
    await contains(`${DIALOG}-search:focus`);
    await press("ArrowDown");
    await press("ArrowDown");
    await contains(`${DIALOG}-option[aria-selected='true']`, {
        text: "Not available: offline · 0 conversations",
    });
    await contains(`${DIALOG}-immediate:disabled`);
    await contains(`${DIALOG}-explanation`, {
        text: "Eva is not available: it waits for them, and for nobody else.",
    });
    await insertText(`${DIALOG}-note`, "Knows her");
    await click(`${DIALOG}-confirm`);
    await waitForSteps([["agent", 52, "exclusive", "Knows her"]]);
});

test("how one transfers is remembered, a refusal is shown", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    haveColleagues();
    onRpc(CONVERSATION, "action_transfer", ({ kwargs }) => {
        if (kwargs.queue_id) {
            throw makeServerError({ message: "Choose a queue that is in use." });
        }
    });
    await openDesk(id);
    await click(`${HEADER}-transfer`);
    await click(`${DIALOG}-exclusive`);
    await click(`${DIALOG}-option`, { text: "Sales" });
    await click(`${DIALOG}-confirm`);
    await contains(`${DIALOG}-error`, { text: "Choose a queue that is in use." });
    await contains(card(id));
    await click(`${DIALOG} .btn-secondary`, { text: "Cancel" });
    await click(`${HEADER}-transfer`);
    await contains(`${DIALOG}-exclusive.active`);
});

test("undo takes it back", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    haveColleagues();
    onRpc(TRANSFER, "action_withdraw", ({ args }) => {
        asyncStep(args[0]);
        pushConversation(id, {
            state: "attended",
            owner_user_id: serverState.userId,
            owner_partner_id: serverState.partnerId,
            transfer: false,
        });
        return true;
    });
    await openDesk(id);
    await click(`${HEADER}-transfer`);
    await click(`${DIALOG}-option`, { text: "Luis" });
    await click(`${DIALOG}-confirm`);
    await click(".o_notification button", { text: "Undo" });
    await waitForSteps([["agent", 51, "immediate", ""], [7]]);
    await contains(".o_notification", { text: "The transfer is taken back." });
    await contains(`${card(id)}[aria-selected='true']`);
});

test("undo shows it as ours, also where the bus is late", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    haveColleagues();
    onRpc(TRANSFER, "action_withdraw", () => true);
    await openDesk(id);
    await click(`${HEADER}-transfer`);
    await click(`${DIALOG}-option`, { text: "Luis" });
    await click(`${DIALOG}-confirm`);
    await contains(card(id), { count: 0 });
    await click(".o_notification button", { text: "Undo" });
    await contains(`${HEADER}-name`, { text: "Lucía Gómez" });
    pushConversation(id, {
        state: "attended",
        owner_user_id: serverState.userId,
        owner_partner_id: serverState.partnerId,
        transfer: false,
    });
    await contains(`${card(id)}[aria-selected='true']`);
    await waitForSteps([["agent", 51, "immediate", ""]]);
});

test("undo that comes too late says who has it", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    haveColleagues();
    onRpc(TRANSFER, "action_withdraw", () => {
        throw makeServerError({ message: "Luis has taken it already." });
    });
    await openDesk(id);
    await click(`${HEADER}-transfer`);
    await click(`${DIALOG}-option`, { text: "Luis" });
    await click(`${DIALOG}-confirm`);
    await click(".o_notification button", { text: "Undo" });
    await contains(".o_notification", { text: "Luis has taken it already." });
    await waitForSteps([["agent", 51, "immediate", ""]]);
});

test("what is transferred to me stands on top, with the note", async () => {
    await startWhatsappServer();
    createConversation({ name: "Newer", last_message_at: "2040-01-01 10:00:00" });
    const id = createConversation({
        name: "Lucía",
        transfer: pending(),
        reserved_for_user_id: serverState.userId,
    });
    await openDesk();
    await contains(`${CARD}:eq(0)`, { text: "Lucía" });
    await contains(`${card(id)} ${CARD}-transfer`, { text: "Transferred by Ana" });
    await click(card(id));
    await contains(".o-whatsapp_omni-TransferBar-note", { text: "Asks for a discount" });
    await contains(`${BAR}[data-state='peek']`);
    await contains(`${HEADER}-refuse`, { text: "Send back" });
});

test("sending it back with a reason", async () => {
    await startWhatsappServer();
    const id = createConversation({
        transfer: pending(),
        reserved_for_user_id: serverState.userId,
    });
    onRpc(TRANSFER, "action_refuse", ({ args, kwargs }) => {
        asyncStep([args[0], kwargs.reason]);
        pushConversation(id, { transfer: false, state: "attended", owner_user_id: 50 });
        return true;
    });
    await openDesk(id);
    await click(`${HEADER}-refuse`);
    await insertText(".o-whatsapp_omni-RefuseDialog-reason", "Not mine");
    await press("Enter");
    await waitForSteps([[[7], "Not mine"]]);
    await contains(".o-whatsapp_omni-RefuseDialog", { count: 0 });
    await contains(".o-whatsapp_omni-TransferBar", { count: 0 });
});

test("what I passed on waits among the colleagues' and can be taken back", async () => {
    await startWhatsappServer();
    const id = createConversation({
        transfer: pending({ sender_id: serverState.userId, to_user_id: 51, target: "Luis" }),
        reserved_for_user_id: 51,
    });
    onRpc(TRANSFER, "action_withdraw", () => {
        pushConversation(id, {
            transfer: false,
            state: "attended",
            owner_user_id: serverState.userId,
        });
        return true;
    });
    await openDesk(id);
    await click(TAB_ATTENDED);
    await click(".o-whatsapp_omni-ConversationList-colleagues");
    await contains(`${card(id)} ${CARD}-transfer`, { text: "Waits for Luis" });
    await contains(`${HEADER}-state`, { text: "Waits for Luis" });
    await contains(`${BAR}[data-state='transferred']`, {
        text: "Transferred to Luis, who has not taken it yet.",
    });
    await click(`${BAR}-takeBack`);
    await contains(".o-mail-Composer-input");
    await contains(BAR, { count: 0 });
});

test("the sender is told how it went", async () => {
    await startWhatsappServer();
    createConversation({ isMine: true });
    await openDesk();
    const settled = {
        transfer_id: 7,
        conversation_id: 1,
        name: "Lucía",
        target: "Luis",
        by: "Luis",
        reason: "",
        queue: "Support",
        is_yours: false,
        is_closed: false,
    };
    for (const [values, text] of [
        [{ state: "accepted" }, "Luis took Lucía."],
        [
            { state: "refused", reason: "Busy." },
            "Luis did not want Lucía. Busy. It waits in Support.",
        ],
        [
            { state: "expired", by: false, is_yours: true },
            "Luis did not take Lucía. It is yours again.",
        ],
        [
            { state: "withdrawn", is_closed: true },
            "The conversation with Lucía was closed before Luis took it.",
        ],
    ]) {
        pushEvent("whatsapp_omni.transfer_settled", { ...settled, ...values });
        await contains(".o_notification", { text });
    }
    expect(".o_notification button:contains(Open)").toHaveCount(2);
});

test("a transfer that ends a conference says who will leave", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, guests: [{ id: 51, name: "Luis" }] });
    haveColleagues();
    await openDesk(id);
    await click(`${HEADER}-transfer`);
    await contains(`${DIALOG}-conference`, { text: "The conference ends: Luis will leave." });
});
