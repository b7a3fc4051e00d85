import { click, contains, onRpcAfter, onRpcBefore } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    asyncStep,
    getService,
    MockServer,
    onRpc,
    patchWithCleanup,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import { Conversation } from "@whatsapp_omni/core/conversation_model";

import {
    agentServer,
    CAPTURE,
    card,
    CARD,
    channelOf,
    createConversation,
    createGuest,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    OFFER,
    openDesk,
    pushConversation,
    pushMessage,
    pushNewMessage,
    pushOffer,
    pushToAgent,
    startWhatsappServer,
    TAB_ATTENDED,
    TAB_NEW,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const STATE = ".o-whatsapp_omni-AgentStateSystray .o-whatsapp_omni-AgentState";

/**
 * Have the next answer of a route come late: the server has said what it saw, the page
 * has not heard it yet.
 *
 * @param {string} route
 * @returns {Deferred} resolve it to let it come
 */
function holdAnswer(route) {
    const released = new Deferred();
    let isHeld = false;
    onRpcAfter(route, async (response) => {
        if (isHeld) {
            return;
        }
        isHeld = true;
        // a copy: what the server sent does not change any more
        const answer = JSON.parse(JSON.stringify(await response));
        asyncStep("seen");
        await released;
        return answer;
    });
    return released;
}

/**
 * Have the desk ask for its list and its agent anew, and hear the answer late.
 *
 * @param {() => void} onSeen happens between the question and the answer
 */
async function askAnew(onSeen) {
    const told = createConversation({ name: "In the answer" });
    const released = holdAnswer("/mail/data");
    pushToAgent("whatsapp_omni.queues_changed", {});
    await waitForSteps(["seen"]);
    await onSeen();
    released.resolve();
    await contains(card(told));
}

test("the list keeps what was told while it was asked for", async () => {
    await startWhatsappServer();
    const id = createConversation();
    await openDesk();
    await contains(card(id));
    await askAnew(async () => {
        pushConversation(id, {
            state: "attended",
            owner_user_id: serverState.userId,
            owner_partner_id: serverState.partnerId,
        });
        await contains(TAB_ATTENDED, { text: "Attended1" });
    });
    await contains(TAB_NEW, { text: "New1" });
    await click(TAB_ATTENDED);
    await contains(card(id));
});

test("much that is told while the list is asked for sorts it no more often", async () => {
    await startWhatsappServer();
    const ids = Array.from({ length: 20 }, () => createConversation());
    await openDesk();
    await contains(CARD, { count: 20 });
    let compared = 0;
    patchWithCleanup(Conversation.prototype, {
        get waitsSince() {
            compared++;
            return super.waitsSince;
        },
    });
    let comparedAsTold = 0;
    await askAnew(async () => {
        for (const id of ids) {
            pushConversation(id, { waiting_since: minutesAgo(100 - id), last_text: "Hello?" });
        }
        await contains(CARD, { count: 20, text: "Hello?" });
        comparedAsTold = compared;
        compared = 0;
    });
    expect(comparedAsTold).toBeGreaterThan(0);
    expect(compared).toBeGreaterThan(0);
    expect(compared).toBeLessThan(comparedAsTold / 3);
});

test("a message keeps the file that came while the thread was asked for", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    const messageId = createMessage(id, { body: "My receipt" });
    const released = holdAnswer("/discuss/channel/messages");
    await openDesk(id);
    await waitForSteps(["seen"]);
    pushMessage(id, {
        id: messageId,
        attachment_ids: [{ id: 71, name: "receipt.pdf", mimetype: "application/pdf" }],
    });
    released.resolve();
    await contains(".o-mail-Message", { text: "My receipt" });
    await contains(".o-mail-AttachmentContainer[aria-label='receipt.pdf']");
});

test("a message that came while the thread was asked for is in it", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    createMessage(id, { body: "Hello" });
    const released = holdAnswer("/discuss/channel/messages");
    await openDesk(id);
    await waitForSteps(["seen"]);
    pushNewMessage(id, { body: "Are you there?" });
    pushConversation(id, { last_text: "Are you there?" });
    await contains(card(id), { text: "Are you there?" });
    released.resolve();
    await contains(".o-mail-Message", { text: "Hello" });
    await contains(".o-mail-Message", { text: "Are you there?" });
});

test("what was read while its channel was asked for stays read", async () => {
    await startWhatsappServer();
    const id = createConversation({ last_text: "Hello" });
    createMessage(id, { author_guest_id: createGuest(), author_id: false, body: "Hello" });
    await openDesk();
    const joined = new Deferred();
    onRpc("whatsapp_omni.conversation", "action_capture", async ({ parent }) => {
        const result = await parent();
        joined.resolve();
        return result;
    });
    // the server looks after we have joined, and before we have read
    onRpcBefore("/mail/data", () => joined);
    const released = holdAnswer("/mail/data");
    onRpc("/discuss/channel/mark_as_read", () => {
        asyncStep("read");
    });
    await click(`${card(id)} ${CAPTURE}`);
    await waitForSteps(["seen", "read"]);
    await contains(`${card(id)} ${CARD}-unread`, { count: 0 });
    released.resolve();
    await getService("mail.store").whatsappDesk.fetchThread();
    await animationFrame();
    await contains(`${card(id)} ${CARD}-unread`, { count: 0 });
});

/** Tell on a bus that we have read a conversation, in another window say. */
function pushRead(id) {
    const { env } = MockServer;
    const [channel] = env["discuss.channel"].browse(channelOf(id));
    const [member] = env["discuss.channel.member"]._filter([
        ["channel_id", "=", channel.id],
        ["partner_id", "=", serverState.partnerId],
    ]);
    env["bus.bus"]._sendone(channel, "mail.record/insert", {
        "discuss.channel.member": [
            {
                id: member.id,
                message_unread_counter: 0,
                message_unread_counter_bus_id: env["bus.bus"].lastBusNotificationId,
            },
        ],
    });
}

test("a message that came after one has read stays unread when the list comes", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    const author = { author_guest_id: createGuest(), author_id: false };
    await openDesk();
    await click(TAB_ATTENDED);
    const unread = `${card(id)} ${CARD}-unread`;
    pushNewMessage(id, { ...author, body: "Hello" });
    await contains(unread, { text: "1" });
    await askAnew(async () => {
        pushRead(id);
        await contains(unread, { count: 0 });
        pushNewMessage(id, { ...author, body: "Are you there?" });
        await contains(unread, { text: "1" });
        await click(TAB_NEW);
    });
    await click(TAB_ATTENDED);
    await contains(unread, { text: "1" });
});

test("what rings while the agent was asked for goes on ringing", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await openDesk();
    await contains(card(id));
    await askAnew(async () => {
        pushOffer(id);
        await contains(OFFER);
    });
    await contains(OFFER);
});

test("a state that was told while the agent was asked for stays", async () => {
    await startWhatsappServer({ mine: {} });
    await openDesk();
    await contains(STATE, { text: "Available" });
    await askAnew(async () => {
        agentServer.mine = { ...agentServer.mine, state: "rona" };
        pushToAgent("whatsapp_omni.agent_state", agentServer.mine);
        await contains(STATE, { text: "Did not answer" });
    });
    await contains(STATE, { text: "Did not answer" });
});
