import { click, contains, start } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { EventBus } from "@odoo/owl";
import {
    asyncStep,
    defineActions,
    makeServerError,
    mockService,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import {
    agentServer,
    card,
    CARD,
    COMPOSER,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    OFFER,
    openDesk,
    pushOffer,
    pushOfferEnded,
    startWhatsappServer,
    TAB_ATTENDED,
    TAB_NEW,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

defineActions([
    {
        id: 6001,
        xml_id: "whatsapp_omni.action_inbox",
        type: "ir.actions.client",
        tag: "whatsapp_omni.inbox",
    },
]);

const CONVERSATION = "whatsapp_omni.conversation";

function offer(conversationId) {
    return `${OFFER}[data-id='${conversationId}']`;
}

/** Open a page that is not the desk, and wait until it knows its agent. */
async function startPage() {
    await start();
    await contains(".o-whatsapp_omni-AgentStateSystray .o-whatsapp_omni-AgentState");
}

/** Have this page be the one that makes a noise, or not; steps tell what it does. */
function mockNoise({ isMainTab = true, isFocused = true } = {}) {
    const bus = new EventBus();
    mockService("multi_tab", { bus, isOnMainTab: async () => isMainTab });
    mockService("presence", {
        bus: new EventBus(),
        getInactivityPeriod: () => 0,
        getLastPresence: () => Date.now(),
        isOdooFocused: () => isFocused,
    });
    mockService("mail.out_of_focus", {
        sendNotification: ({ title, message }) => asyncStep(`${title}: ${message}`),
    });
    mockService("whatsapp_omni.ringtone", {
        play: (seconds) => asyncStep(`ring for ${Math.round(seconds / 10) * 10} s`),
        stop: () => asyncStep("silence"),
    });
    return bus;
}

test("an offer rings on any page: who, where, how long, and what was written", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation({ opened_at: minutesAgo(4) });
    await startPage();
    pushOffer(id, 30);
    await contains(`${offer(id)}[role='alertdialog']`);
    await contains(`${OFFER}-name`, { text: "Lucía Gómez" });
    await contains(`${OFFER}-number`, { text: "+34 600 11 12 22" });
    await contains(`${OFFER}-facts`, { text: "SupportSupport linewaiting for 4 min" });
    await contains(`${OFFER}-text`, { text: "Hola, ¿abrís hoy?" });
    await contains(`${offer(id)} .o-whatsapp_omni-Countdown`, { text: "30" });
    await advanceTime(21 * 1000);
    await contains(`${offer(id)} .o-whatsapp_omni-Countdown.text-danger`, { text: "9" });
});

test("who has long to answer sees minutes", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await startPage();
    pushOffer(id, 600);
    await contains(`${offer(id)} .o-whatsapp_omni-Countdown`, { text: "10′" });
    await advanceTime(501 * 1000);
    await contains(`${offer(id)} .o-whatsapp_omni-Countdown:not(:contains(′))`);
    expect(`${offer(id)} .o-whatsapp_omni-Countdown`).toHaveText(/^\d\d$/);
});

test("a transfer that rings tells from whom it comes, and what they say", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation({
        transfer: {
            id: 7,
            state: "pending",
            kind: "immediate",
            note: "Her order is S00012",
            sender: "Ana",
            sender_id: 99,
            target: "Support",
            to_user_id: false,
        },
    });
    await startPage();
    pushOffer(id);
    await contains(`${OFFER}-transfer:contains(Transferred by Ana)`);
    await contains(`${OFFER}-note`, { text: "Her order is S00012" });
});

test("where reading comes after taking, the text is not told", async () => {
    await startWhatsappServer({ mine: {}, allowPeek: false });
    const id = createConversation();
    await startPage();
    pushOffer(id);
    await contains(`${OFFER}-text`, { text: "You can read it once you accept." });
});

test("what rings already is there when a page is loaded", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation({ state: "offered" });
    agentServer.offers = [{ conversation_id: id, seconds: 12 }];
    await startPage();
    await contains(offer(id));
    expect(`${offer(id)} .o-whatsapp_omni-Countdown`).toHaveText(/^1[0-3]$/);
});

test("accepting is one click, and the cursor is in the composer", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await startPage();
    pushOffer(id);
    await click(`${offer(id)} ${OFFER}-accept`);
    await contains(`${COMPOSER}:focus`);
    await contains(`${card(id)}[aria-selected='true']`);
    await contains(TAB_ATTENDED, { text: "Attended1" });
    await contains(OFFER, { count: 0 });
});

test("several stack, what ends first on top; the keys answer that one", async () => {
    await startWhatsappServer({ mine: {} });
    const [later, sooner] = ["Later", "Sooner"].map((name) => createConversation({ name }));
    onRpc(CONVERSATION, "action_decline", ({ args }) => {
        asyncStep(args[0]);
    });
    await openDesk();
    pushOffer(later, 40);
    pushOffer(sooner, 20);
    await contains(OFFER, { count: 2 });
    expect(queryAllTexts(`${OFFER}-name`)).toEqual(["Sooner", "Later"]);
    expect(`${offer(sooner)} kbd`).toHaveCount(2);
    expect(`${offer(later)} kbd`).toHaveCount(0);
    await press(["alt", "d"]);
    await waitForSteps([[sooner]]);
    await contains(OFFER, { count: 1 });
    queryFirst("input[type='search']").focus();
    await press(["alt", "a"]);
    await contains(`${COMPOSER}:focus`);
    await contains(`${card(later)}[aria-selected='true']`);
});

test("it is on top of the new ones, with its countdown", async () => {
    await startWhatsappServer({ mine: {} });
    const newest = createConversation({ name: "Newest", last_message_at: minutesAgo(1) });
    const ringing = createConversation({ name: "Ringing", last_message_at: minutesAgo(9) });
    await openDesk();
    await contains(card(newest));
    pushOffer(ringing, 30);
    await contains(TAB_NEW, { text: "New2" });
    await contains(`${card(ringing)} .o-whatsapp_omni-Countdown`, { text: "30" });
    expect(queryAllTexts(`${CARD}-name`)).toEqual(["Ringing", "Newest"]);
    await click(card(ringing));
    await contains(".o-whatsapp_omni-ComposerBar", {
        text: "Accept the conversation to answer.",
    });
    await click(".o-whatsapp_omni-ConversationHeader-accept");
    await contains(`${COMPOSER}:focus`);
    await contains(OFFER, { count: 0 });
});

test("when somebody was faster it is told why", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    onRpc(CONVERSATION, "action_accept", () => {
        throw makeServerError({ message: "It rings at Ana now." });
    });
    await openDesk();
    pushOffer(id);
    await click(`${offer(id)} ${OFFER}-accept`);
    await contains(".o_notification", { text: "It rings at Ana now." });
    await contains(OFFER, { count: 0 });
});

test("two clicks answer once", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    onRpc(CONVERSATION, "action_decline", () => {
        asyncStep("decline");
    });
    await startPage();
    pushOffer(id);
    await contains(offer(id));
    const decline = queryFirst(`${OFFER}-decline`);
    decline.click();
    decline.click();
    await contains(OFFER, { count: 0 });
    await waitForSteps(["decline"]);
});

test("answered on another page it goes, with a word", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await startPage();
    pushOffer(id);
    await contains(offer(id));
    pushOfferEnded(id, "accepted");
    await contains(OFFER, { count: 0 });
    await contains(".o_notification", { text: "You accepted Lucía Gómez on another page." });
});

test("gone, it goes with a word", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await startPage();
    pushOffer(id);
    await contains(offer(id));
    pushOfferEnded(id, "withdrawn");
    await contains(OFFER, { count: 0 });
    await contains(".o_notification", { text: "Lucía Gómez is no longer offered to you." });
});

test("when the time is over the server is asked to settle it", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    const answers = [20, 0];
    onRpc(CONVERSATION, "action_offer_ended", ({ args }) => {
        asyncStep(args[0]);
        const seconds = answers.shift();
        if (!seconds) {
            agentServer.offers = [];
        }
        return seconds;
    });
    await startPage();
    pushOffer(id, 10);
    await contains(offer(id));
    await advanceTime(10 * 1000);
    await waitForSteps([[id]]);
    await contains(offer(id));
    await advanceTime(20 * 1000);
    await waitForSteps([[id]]);
    await contains(OFFER, { count: 0 });
});

test("it rings until it is answered", async () => {
    mockNoise();
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await startPage();
    pushOffer(id, 30);
    await contains(offer(id));
    await waitForSteps(["ring for 30 s"]);
    await click(`${OFFER}-decline`);
    await waitForSteps(["silence"]);
});

test("one page rings, and another when that one is closed", async () => {
    const bus = mockNoise({ isMainTab: false });
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await startPage();
    pushOffer(id, 30);
    await contains(offer(id));
    await waitForSteps([]);
    bus.trigger("become_main_tab");
    await waitForSteps(["ring for 30 s"]);
});

test("the ring can be switched off, while it rings too", async () => {
    mockNoise();
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await startPage();
    pushOffer(id, 30);
    await waitForSteps(["ring for 30 s"]);
    await click(".o-whatsapp_omni-AgentState-toggle");
    await click(".o-whatsapp_omni-AgentState-mute", { text: "Ring for offers (on)" });
    await waitForSteps(["silence"]);
    await contains(".o-whatsapp_omni-AgentState-mute", { text: "Ring for offers (off)" });
});

test("who looks elsewhere is told outside of the page", async () => {
    mockNoise({ isFocused: false });
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await startPage();
    pushOffer(id, 30);
    await contains(offer(id));
    await waitForSteps(["ring for 30 s", "Lucía Gómez is waiting for you: Hola, ¿abrís hoy?"]);
});
