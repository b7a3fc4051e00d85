import { click, contains } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { asyncStep, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    createConversation,
    createGuest,
    createMessage,
    defineWhatsappModels,
    openDesk,
    pushMessage,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const STATUS = ".o-whatsapp_omni-MessageStatus";
const TROUBLE = ".o-whatsapp_omni-MessageTrouble";
const FETCH_AGAIN = ".o-whatsapp_omni-MediaPlaceholder-fetchAgain";

async function openThread(values) {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    const messageId = createMessage(conversationId, values);
    await openDesk(conversationId);
    await contains(".o-mail-Message");
    return {
        push(whatsapp_omni_status) {
            pushMessage(conversationId, { id: messageId, whatsapp_omni_status });
        },
        pushValues(pushed) {
            pushMessage(conversationId, { id: messageId, ...pushed });
        },
    };
}

test("the ticks of a message follow it live", async () => {
    const { push } = await openThread();
    await contains(STATUS, { count: 0 });
    for (const [state, icon, count] of [
        ["queued", ".fa-clock-o", 1],
        ["sending", ".fa-clock-o", 1],
        ["submitted", ".fa-check", 1],
        ["sent", ".fa-check", 1],
        ["delivered", ".fa-check", 2],
        ["read", ".fa-check", 2],
    ]) {
        push({ state });
        await contains(`${STATUS}[data-state='${state}'] ${icon}`, { count });
        await contains(TROUBLE, { count: 0 });
    }
    await contains(`${STATUS}.o-read[aria-label='Read']`);
});

test("a late answer does not take back what a receipt has told", async () => {
    const { push, pushValues } = await openThread();
    push({ state: "delivered" });
    await contains(`${STATUS}[data-state='delivered']`);
    pushValues({ whatsapp_omni_status: { state: "queued" }, subject: "late" });
    push({ state: "read" });
    await contains(`${STATUS}[data-state='read']`);
    pushValues({ whatsapp_omni_status: { state: "sending" }, subject: "later" });
    await contains(`${STATUS}[data-state='read']`);
    await contains(`${STATUS}[data-state='sending']`, { count: 0 });
});

test("what failed says why and what to do, and can be tried again", async () => {
    const { push } = await openThread();
    onRpc("mail.message", "action_whatsapp_omni_retry", ({ args }) => {
        asyncStep(`retry ${args[0].length}`);
        return true;
    });
    push({
        state: "failed",
        reason: "The number is not on WhatsApp",
        action: "Check the number.",
        can_retry: true,
    });
    await contains(`${STATUS}[data-state='failed'] .fa-exclamation-circle`);
    await contains(TROUBLE, { text: "Not delivered: The number is not on WhatsApp" });
    await contains(TROUBLE, { text: "Check the number." });
    await click(`${TROUBLE}-retry`);
    await waitForSteps(["retry 1"]);
    await contains(`${STATUS}[data-state='queued']`);
    await contains(TROUBLE, { count: 0 });
});

test("what failed for good offers no retry", async () => {
    const { push } = await openThread();
    push({ state: "failed", reason: "Blocked", can_retry: false });
    await contains(TROUBLE, { text: "Not delivered: Blocked" });
    await contains(`${TROUBLE}-retry`, { count: 0 });
});

test("an unknown end is told as such", async () => {
    const { push } = await openThread();
    push({ state: "unknown", can_retry: true });
    await contains(`${STATUS}[data-state='unknown'] .fa-question-circle`);
    await contains(TROUBLE, { text: "We do not know whether it left." });
    await contains(`${TROUBLE}-retry`);
});

test("the customer is on the left, all of us on the right", async () => {
    const pyEnv = await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    createMessage(conversationId, {
        author_id: false,
        author_guest_id: createGuest(),
        body: "<p>Hola</p>",
    });
    const colleague = pyEnv["res.partner"].create({ name: "Ana" });
    const theirs = createMessage(conversationId, {
        author_id: colleague,
        body: "<p>Buenos días</p>",
    });
    createMessage(conversationId, { body: "<p>Sí</p>" });
    await openDesk(conversationId);
    await contains(".o-mail-Message", { count: 3 });
    pushMessage(conversationId, { id: theirs, whatsapp_omni_status: { state: "read" } });
    await contains(".o-whatsapp_omni-outgoing", { count: 2 });
    await contains(".o-mail-Message:not(.o-whatsapp_omni-outgoing)", { text: "Hola" });
    expect(".o-mail-Message-bubble.o-green").toHaveCount(2);
});

test("a file on its way has a place holder, one that is lost says so", async () => {
    const { pushValues } = await openThread({ body: "" });
    pushValues({ whatsapp_omni_media: { state: "pending" } });
    await contains(".o-whatsapp_omni-MediaPlaceholder[data-state='pending'] .fa-spin");
    await contains(".o-mail-Message", { text: "This message has been removed", count: 0 });
    pushValues({ whatsapp_omni_media: { state: "failed", can_fetch_again: false } });
    await contains(
        ".o-whatsapp_omni-MediaPlaceholder[data-state='failed']:contains(Ask the customer)"
    );
    await contains(FETCH_AGAIN, { count: 0 });
});

test("a file that may still come is fetched again once, and that is seen at once", async () => {
    const { pushValues } = await openThread({ body: "" });
    onRpc("mail.message", "action_whatsapp_omni_fetch_again", () => {
        asyncStep("fetch again");
        return true;
    });
    pushValues({
        whatsapp_omni_media: { state: "failed", reason: "No answer", can_fetch_again: true },
    });
    await click(FETCH_AGAIN);
    await contains(".o-whatsapp_omni-MediaPlaceholder[data-state='pending']");
    await contains(FETCH_AGAIN, { count: 0 });
    await waitForSteps(["fetch again"]);
});

test("nothing is offered that WhatsApp cannot do", async () => {
    await openThread();
    await click(".o-mail-Message");
    await contains(".o-mail-Message [name='reaction'], .o-mail-QuickReactionMenu-toggler");
    for (const action of ["edit", "delete", "pin", "copy-link"]) {
        expect(`[name='${action}']`).toHaveCount(0);
    }
});
