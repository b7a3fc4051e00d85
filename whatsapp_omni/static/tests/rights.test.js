import { getWebSocketWorker } from "@bus/../tests/mock_websocket";
import { click, contains, start } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAll } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    getService,
    makeServerError,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";

import {
    agentServer,
    BAR,
    card,
    CARD,
    COMPOSER,
    createConversation,
    createMessage,
    defineWhatsappModels,
    OFFER,
    openDesk,
    pushOffer,
    pushToAgent,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const EMPTY = ".o-whatsapp_omni-EmptyState";
const SYSTRAY = ".o-whatsapp_omni-AgentStateSystray .o-whatsapp_omni-AgentState";
const DEPARTED = "You are not a WhatsApp agent any more";

/** What of WhatsApp the page still knows. */
function known() {
    const { store } = getService("mail.store").whatsappDesk;
    const recordsOf = (name) => Object.values(store[name].records);
    return [
        ...recordsOf("whatsapp_omni.conversation"),
        ...recordsOf("Thread").filter(({ channel_type: type }) => type === "whatsapp_omni"),
        ...recordsOf("mail.message").filter(({ body }) => body?.toString().includes("secret")),
    ];
}

async function openOwn(values) {
    await startWhatsappServer(values);
    const id = createConversation({ isMine: true });
    createMessage(id, { body: "<p>A secret</p>" });
    createConversation({ name: "Pablo Ruiz" });
    await openDesk(id);
    await contains(".o-mail-Message", { text: "A secret" });
    return id;
}

function setAgent(isAgent) {
    agentServer.isAgent = isAgent;
    pushToAgent("whatsapp_omni.queues_changed", {});
}

test("the desk of who is no agent any more empties itself", async () => {
    await openOwn({ mine: {} });
    await contains(SYSTRAY);
    expect(known()).not.toHaveLength(0);
    setAgent(false);
    await contains(EMPTY, { text: DEPARTED });
    await contains(`${CARD}, ${COMPOSER}, ${BAR}, .o-mail-Message`, { count: 0 });
    await contains(".o-whatsapp_omni-ConversationList, .o-whatsapp_omni-SidePanel", { count: 0 });
    await contains(SYSTRAY, { count: 0 });
    expect(known()).toHaveLength(0);
    expect(queryAll(".o_notification")).toHaveLength(0);
});

test("dialogs about a conversation close with the desk", async () => {
    await openOwn({ mine: {} });
    await click(".o-whatsapp_omni-ConversationHeader-close");
    await contains(".o_dialog");
    setAgent(false);
    await contains(EMPTY, { text: DEPARTED });
    await contains(".o_dialog", { count: 0 });
});

test("nothing rings at who is no agent any more", async () => {
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await openDesk();
    pushOffer(id);
    await contains(OFFER);
    setAgent(false);
    await contains(OFFER, { count: 0 });
    pushToAgent("whatsapp_omni.offered", { conversation_id: id, seconds: 30 });
    await contains(EMPTY, { text: DEPARTED });
    await contains(OFFER, { count: 0 });
});

test("the desk comes back with the rights", async () => {
    const id = await openOwn({ mine: {} });
    setAgent(false);
    await contains(EMPTY, { text: DEPARTED });
    setAgent(true);
    await contains(CARD);
    await contains(SYSTRAY);
    await click("[data-tab='attended']");
    await click(card(id));
    await contains(".o-mail-Message", { text: "A secret" });
});

test("a page that is older than the rights begins to ring", async () => {
    await startWhatsappServer({ mine: {} });
    patchWithCleanup(session, { is_whatsapp_omni_agent: false });
    agentServer.isAgent = false;
    await start();
    await contains(".o_menu_systray .o_user_menu");
    await contains(SYSTRAY, { count: 0 });
    setAgent(true);
    await contains(SYSTRAY);
});

/** Have the server refuse to load anything of WhatsApp, until it is told otherwise. */
function refuseLoading(error) {
    const server = { isRefusing: true };
    onRpc("/mail/data", () => {
        if (server.isRefusing) {
            throw error();
        }
    });
    return server;
}

const sessionOver = () =>
    makeServerError({
        message: "Session expired",
        errorName: "odoo.http.SessionExpiredException",
    });

test("who was archived or logged out leaves nothing on the screen", async () => {
    await openOwn({ mine: {} });
    await advanceTime(2 * 60 * 1000); // old enough for the empty list to ask for news
    const server = refuseLoading(sessionOver);
    expect.errors(1);
    // by hand: a real reconnection would have Odoo ask for its own things, and be refused too
    getWebSocketWorker().broadcast("BUS:RECONNECTING", { closeCode: 4001 });
    await contains("[role='alert']", { text: "The conversations could not be loaded." });
    await contains(`${CARD}, .o-mail-Message`, { count: 0 });
    expect(known()).toHaveLength(0);
    await expect.waitForErrors(["Session expired"]);
    server.isRefusing = false; // as after a log-in in another window
    await contains(".modal-title", { text: "Odoo Session Expired" });
    getWebSocketWorker().broadcast("BUS:RECONNECT");
    await contains(CARD);
});

test("who may not load the desk any more keeps nothing of it", async () => {
    await openOwn({ mine: {} });
    refuseLoading(() => makeServerError({ message: "Not for you", type: "AccessError" }));
    await expect(getService("mail.store").whatsappDesk.load()).rejects.toThrow(/Not for you/);
    await contains(`${CARD}, .o-mail-Message`, { count: 0 });
    expect(known()).toHaveLength(0);
});

test("a server that fails empties nothing", async () => {
    await openOwn({ mine: {} });
    refuseLoading(() => makeServerError({ message: "No memory", errorName: "MemoryError" }));
    await expect(getService("mail.store").whatsappDesk.load()).rejects.toThrow(/No memory/);
    await contains("[role='alert']", { text: "The conversations could not be loaded." });
    await contains(".o-mail-Message", { text: "A secret" });
});
