import { click, contains } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { Deferred } from "@odoo/hoot-mock";
import { asyncStep, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    BAR,
    CAPTURE,
    card,
    COMPOSER,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    pushEvent,
    startWhatsappServer,
    TAB_ATTENDED,
    TAB_NEW,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const CONVERSATION = "whatsapp_omni.conversation";
const SELECTED = ".o-whatsapp_omni-ConversationCard[aria-selected='true']";

test("reading a waiting one offers to take it instead of a composer", async () => {
    await startWhatsappServer();
    const id = createConversation();
    await openDesk();
    await click(card(id));
    await contains(".o-mail-Thread");
    await contains(`${BAR}[data-state='peek']`, {
        text: "Take the conversation to answer.",
    });
    await contains(COMPOSER, { count: 0 });
    await contains(card(id));
});

test("taking it opens the composer with the cursor in it", async () => {
    await startWhatsappServer();
    const id = createConversation();
    await openDesk();
    await click(`${card(id)} ${CAPTURE}`);
    await contains(`${COMPOSER}:focus`);
    await contains(TAB_ATTENDED, { text: "Attended1" });
    await contains(TAB_NEW, { text: "New0" });
    await contains(`${SELECTED}${card(id)}`);
    await contains(BAR, { count: 0 });
});

test("the card moves at once, and nothing is sent before the server has agreed", async () => {
    await startWhatsappServer();
    const id = createConversation();
    const answer = new Deferred();
    onRpc(CONVERSATION, "action_capture", () => answer);
    await openDesk();
    await click(`${card(id)} ${CAPTURE}`);
    await contains(TAB_ATTENDED, { text: "Attended1" });
    await contains(COMPOSER);
    await contains("button[name='send-message']:disabled");
    // what was pushed before the capture reached the server
    pushConversation(id, { last_text: "One more thing" });
    await contains(`${card(id)}:contains(One more thing)`);
    await contains(TAB_ATTENDED, { text: "Attended1" });
    await contains(COMPOSER);
    answer.resolve();
});

test("when a colleague was first: the reason, and the next card", async () => {
    const pyEnv = await startWhatsappServer();
    const lost = createConversation({ name: "Lost", last_message_at: minutesAgo(1) });
    const next = createConversation({ name: "Next", last_message_at: minutesAgo(2) });
    const ana = pyEnv["res.partner"].create({ name: "Ana" });
    await openDesk();
    await contains(card(lost));
    // the bus is late: the card is still there
    pyEnv[CONVERSATION].write([lost], {
        state: "attended",
        owner_user_id: 777,
        owner_partner_id: ana,
    });
    await click(`${card(lost)} ${CAPTURE}`);
    await contains(".o_notification", { text: "Ana took this conversation first." });
    await contains(`${SELECTED}${card(next)}`);
    await contains(card(lost), { count: 0 });
    await contains(TAB_NEW, { text: "New1" });
    await contains(TAB_ATTENDED, { text: "Attended0" });
});

test("when a colleague takes what I read: who, and the next card", async () => {
    const pyEnv = await startWhatsappServer();
    const read = createConversation({ name: "Read", last_message_at: minutesAgo(1) });
    const next = createConversation({ name: "Next", last_message_at: minutesAgo(2) });
    const ana = pyEnv["res.partner"].create({ name: "Ana" });
    await openDesk();
    await click(card(read));
    await contains(`${BAR}[data-state='peek']`);
    pushConversation(read, {
        state: "attended",
        owner_user_id: 777,
        owner_partner_id: ana,
    });
    pushEvent("whatsapp_omni.captured", { conversation_id: read, user_name: "Ana" });
    await contains(".o_notification", { text: "Ana took it." });
    await contains(`${SELECTED}${card(next)}`);
});

test("a colleague's capture of another one disturbs nobody", async () => {
    await startWhatsappServer();
    const read = createConversation({ name: "Read" });
    const other = createConversation({ name: "Other" });
    await openDesk();
    await click(card(read));
    await contains(`${BAR}[data-state='peek']`);
    pushEvent("whatsapp_omni.captured", { conversation_id: other, user_name: "Ana" });
    pushConversation(other, { state: "attended", owner_user_id: 777 });
    await contains(card(other), { count: 0 });
    await contains(`${SELECTED}${card(read)}`);
    await contains(".o_notification", { count: 0 });
});

test("two clicks ask the server once", async () => {
    await startWhatsappServer();
    const id = createConversation();
    const answer = new Deferred();
    onRpc(CONVERSATION, "action_capture", () => {
        asyncStep("capture");
        return answer;
    });
    await openDesk();
    await click(card(id));
    await contains(`${BAR}-take`);
    const take = document.querySelector(`${BAR}-take`);
    take.click();
    take.click();
    await contains(COMPOSER);
    await waitForSteps(["capture"]);
    answer.resolve();
});

test("a queue may forbid to read before taking", async () => {
    await startWhatsappServer({ allowPeek: false });
    const id = createConversation();
    onRpc("/discuss/channel/messages", () => asyncStep("messages"));
    await openDesk();
    await click(card(id));
    await contains(`${BAR}[data-state='locked']`);
    await contains(".o-mail-Thread", { count: 0 });
    await waitForSteps([]);
    await click(`${BAR}-take`);
    await contains(".o-mail-Thread");
    await contains(COMPOSER);
    await waitForSteps(["messages"]);
});

test("a colleague's conversation can be read, not answered", async () => {
    const pyEnv = await startWhatsappServer();
    const ana = pyEnv["res.partner"].create({ name: "Ana" });
    const id = createConversation({
        state: "attended",
        owner_user_id: 777,
        owner_partner_id: ana,
    });
    await openDesk(id);
    await contains(`${BAR}[data-state='colleague']`, {
        text: "Ana attends this conversation.",
    });
    await contains(`${BAR}-take`, { count: 0 });
    await contains(COMPOSER, { count: 0 });
    expect(".o-whatsapp_omni-ConversationHeader-close").toHaveCount(0);
});
