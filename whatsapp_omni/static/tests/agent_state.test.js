import { click, contains, start } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test, waitUntil } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    asyncStep,
    getService,
    makeServerError,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import {
    agentServer,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    PATIENCE,
    pushToAgent,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const AGENT = "whatsapp_omni.agent";
const SYSTRAY = ".o-whatsapp_omni-AgentStateSystray .o-whatsapp_omni-AgentState";
const TOGGLE = `${SYSTRAY} .o-whatsapp_omni-AgentState-toggle`;
const MISSED = ".o-whatsapp_omni-Offers-missed";
const HAND_OVER = ".o-whatsapp_omni-HandOverDialog";

const WORK = {
    conversations: [
        {
            id: 31,
            name: "Lucía Gómez",
            company_id: 1,
            queue_id: 7,
            queue: "Support",
            last_text: "Hola",
            window_open: true,
        },
        {
            id: 32,
            name: "Pablo Ruiz",
            company_id: 1,
            queue_id: 8,
            queue: "Sales",
            last_text: "Gracias",
            window_open: false,
        },
    ],
    targets: [
        {
            company_id: 1,
            users: [
                { id: 52, name: "Luis", state: "offline", load: 0, capacity: 0, queue_ids: [7] },
                { id: 53, name: "Eva", state: "available", load: 0, capacity: 5, queue_ids: [] },
                {
                    id: 51,
                    name: "Ana",
                    state: "available",
                    load: 1,
                    capacity: 5,
                    queue_ids: [7, 8],
                },
            ],
            queues: [
                { id: 7, name: "Support", available: 2, waiting: 4 },
                { id: 8, name: "Sales", available: 0, waiting: 1 },
            ],
        },
    ],
};

async function choose(key) {
    await click(TOGGLE);
    await click(`.o-whatsapp_omni-AgentState-choice[data-choice='${key}']`);
}

test("every page tells an agent the state, the load and since when", async () => {
    await startWhatsappServer({ mine: {} });
    await start();
    await contains(`${SYSTRAY}[data-state='available']`);
    await contains(TOGGLE, { text: "Available3/512 min" });
    await advanceTime(60 * 1000);
    await contains(TOGGLE, { text: "Available3/513 min" });
});

test("who is no agent sees nothing of it", async () => {
    await startWhatsappServer();
    await start();
    await contains(".o_menu_systray .o_user_menu");
    await contains(SYSTRAY, { count: 0 });
});

test("who is no agent any more has no state, and tells of none", async () => {
    await startWhatsappServer({ mine: {} });
    onRpc(AGENT, "heartbeat", () => {
        asyncStep("heartbeat");
    });
    await start();
    await contains(SYSTRAY);
    await waitForSteps(["heartbeat"]);
    agentServer.isAgent = false;
    pushToAgent("whatsapp_omni.queues_changed", {});
    await contains(SYSTRAY, { count: 0 });
    await advanceTime(3 * 60 * 1000);
    await waitForSteps([]);
});

test("without a limit the load stands alone", async () => {
    await startWhatsappServer({ mine: { load: 2.5, capacity: 0 } });
    await start();
    await contains(`${TOGGLE} .o-whatsapp_omni-AgentState-load`, { text: "2.5" });
});

test("a pause has a reason, and shows at once", async () => {
    await startWhatsappServer({ mine: {} });
    onRpc(AGENT, "set_state", ({ args }) => {
        asyncStep(args);
    });
    await start();
    await choose("paused-1");
    await contains(`${SYSTRAY}[data-state='paused']`, { text: "Lunch" });
    await waitForSteps([["paused", 1]]);
});

test("what the server refuses is taken back, with the reason", async () => {
    await startWhatsappServer({ mine: {} });
    onRpc(AGENT, "set_state", () => {
        throw makeServerError({ message: "A conversation rings at you." });
    });
    await start();
    await choose("paused-2");
    await contains(".o_notification", { text: "A conversation rings at you." });
    await contains(`${SYSTRAY}[data-state='available']`);
});

test("a change from elsewhere is seen at once", async () => {
    await startWhatsappServer({ mine: {} });
    await start();
    await contains(`${SYSTRAY}[data-state='available']`);
    pushToAgent("whatsapp_omni.agent_state", { ...agentServer.mine, state: "offline", load: 4 });
    await contains(`${SYSTRAY}[data-state='offline']`);
    expect(`${SYSTRAY} .o-whatsapp_omni-AgentState-load`).toHaveText("4/5");
});

test("what one has and may have follows at once", async () => {
    await startWhatsappServer({ mine: {} });
    await start();
    await contains(`${SYSTRAY}[data-state='available']`);
    pushToAgent("whatsapp_omni.agent_load", { load: 2, capacity: 5 });
    await contains(`${TOGGLE} .o-whatsapp_omni-AgentState-load`, { text: "2/5" });
    pushToAgent("whatsapp_omni.agent_load", { load: 4, capacity: 6 });
    await contains(`${TOGGLE} .o-whatsapp_omni-AgentState-load`, { text: "4/6" });
});

test("a missed offer cannot be overlooked, and one click leads back to work", async () => {
    await startWhatsappServer({ mine: { state: "rona" } });
    await start();
    await contains(`${SYSTRAY}[data-state='rona']`, { text: "Did not answer" });
    await contains(`${SYSTRAY} .o-whatsapp_omni-AgentState-text.text-bg-danger`);
    await contains(MISSED, { text: "You did not answer in time" });
    await click(`${SYSTRAY} .o-whatsapp_omni-AgentState-back`);
    await contains(`${SYSTRAY}[data-state='available']`);
    await contains(MISSED, { count: 0 });
});

test("hidden, it stays red above; the next one missed is told again", async () => {
    await startWhatsappServer({ mine: { state: "rona" } });
    await start();
    await click(`${MISSED} .btn-close`);
    await contains(MISSED, { count: 0 });
    await contains(`${SYSTRAY} .o-whatsapp_omni-AgentState-back`);
    pushToAgent("whatsapp_omni.agent_state", { ...agentServer.mine, state: "available" });
    await contains(`${SYSTRAY}[data-state='available']`);
    pushToAgent("whatsapp_omni.agent_state", { ...agentServer.mine, state: "rona" });
    await contains(MISSED);
});

test("after a closing the time to write it up runs down, or is ended", async () => {
    await startWhatsappServer({ mine: { wrap_up_until: minutesAgo(-1) } });
    await start();
    await contains(`${SYSTRAY}[data-state='wrap_up']`);
    expect(`${SYSTRAY} .o-whatsapp_omni-AgentState-text`).toHaveText(/^Wrap-up (1:00|0:5\d)$/);
    await advanceTime(20 * 1000);
    await animationFrame();
    expect(`${SYSTRAY} .o-whatsapp_omni-AgentState-text`).toHaveText(/^Wrap-up 0:[34]\d$/);
    // A primary button has the colour of the bar.
    await contains(`${SYSTRAY} .o-whatsapp_omni-AgentState-done.btn-secondary`);
    await click(`${SYSTRAY} .o-whatsapp_omni-AgentState-done`);
    await contains(`${SYSTRAY}[data-state='available']`);
});

test("when the time to write it up is over, it says so by itself", async () => {
    await startWhatsappServer({ mine: { wrap_up_until: minutesAgo(-1) } });
    await start();
    await contains(`${SYSTRAY}[data-state='wrap_up']`);
    await advanceTime(61 * 1000);
    await contains(`${SYSTRAY}[data-state='available']`);
});

test("the server hears in that very moment, however recent the last beat is", async () => {
    await startWhatsappServer({ mine: { wrap_up_until: minutesAgo(-1), wrap_up_seconds: 20 } });
    onRpc(AGENT, "heartbeat", () => {
        asyncStep("beat");
    });
    await start();
    await waitForSteps(["beat"]);
    await animationFrame();
    await advanceTime(18 * 1000);
    await waitForSteps([]);
    // its clock is behind ours: three seconds are left
    agentServer.mine.wrap_up_seconds = 3;
    await advanceTime(3 * 1000);
    await waitForSteps(["beat"]);
    await animationFrame();
    Object.assign(agentServer.mine, { wrap_up_until: false, wrap_up_seconds: 0 });
    await advanceTime(4 * 1000);
    await waitForSteps(["beat"]);
    await animationFrame();
    await contains(`${SYSTRAY}[data-state='available']`);
    await advanceTime(20 * 1000);
    await waitForSteps([]);
});

test("who ends that time early has no beat for it", async () => {
    await startWhatsappServer({ mine: { wrap_up_until: minutesAgo(-1), wrap_up_seconds: 20 } });
    onRpc(AGENT, "heartbeat", () => {
        asyncStep("beat");
    });
    await start();
    await waitForSteps(["beat"]);
    await click(`${SYSTRAY} .o-whatsapp_omni-AgentState-done`);
    await contains(`${SYSTRAY}[data-state='available']`);
    await advanceTime(30 * 1000);
    await waitForSteps([]);
});

test("when fewer skills will do, the page has the server look again", async () => {
    await startWhatsappServer({ mine: {} });
    onRpc(AGENT, "look_again", () => {
        asyncStep("look");
    });
    await start();
    await contains(SYSTRAY);
    const tell = (seconds) => pushToAgent("whatsapp_omni.look_again", { seconds });
    const { whatsappAgent } = getService("mail.store");
    const looksIn = (seconds) =>
        waitUntil(
            () => Math.abs(whatsappAgent.looksAtMs - Date.now() - seconds * 1000) < 1000,
            PATIENCE
        );
    tell(20);
    tell(40);
    await looksIn(20);
    await advanceTime(10 * 1000);
    await waitForSteps([]);
    tell(5);
    await looksIn(5);
    await advanceTime(5 * 1000);
    await waitForSteps(["look"]);
    await advanceTime(60 * 1000);
    await waitForSteps([]);
    tell(10);
    await looksIn(10);
    await advanceTime(10 * 1000);
    await waitForSteps(["look"]);
});

test("who is no agent any more has nothing asked for by what was to come", async () => {
    await startWhatsappServer({ mine: { wrap_up_until: minutesAgo(-1), wrap_up_seconds: 20 } });
    for (const method of ["heartbeat", "look_again"]) {
        onRpc(AGENT, method, () => {
            asyncStep(method);
        });
    }
    await start();
    await waitForSteps(["heartbeat"]);
    await contains(SYSTRAY);
    const { whatsappAgent } = getService("mail.store");
    pushToAgent("whatsapp_omni.look_again", { seconds: 10 });
    await waitUntil(() => whatsappAgent.looksAtMs);
    agentServer.isAgent = false;
    pushToAgent("whatsapp_omni.queues_changed", {});
    await contains(SYSTRAY, { count: 0 });
    await advanceTime(30 * 1000);
    await waitForSteps([]);
});

test("the desk's list has it at its head", async () => {
    await startWhatsappServer({ mine: {} });
    await openDesk();
    const head = ".o-whatsapp_omni-ConversationList-agent .o-whatsapp_omni-AgentState";
    await contains(`${head}[data-state='available']`);
    expect(`${head}-text`).toHaveText("Available");
    expect(`${head}-load`).toHaveText("3/5");
    expect(`${head}-since`).toHaveText(/^\d+ min$/);
});

test("a page tells the server each minute that it is open", async () => {
    await startWhatsappServer({ mine: {} });
    onRpc(AGENT, "heartbeat", () => {
        asyncStep("beat");
    });
    await start();
    await waitForSteps(["beat"]);
    await advanceTime(60 * 1000);
    await waitForSteps(["beat"]);
});

test("offline with nothing open takes one choice", async () => {
    await startWhatsappServer({ mine: {} });
    await start();
    await choose("offline");
    await contains(`${SYSTRAY}[data-state='offline']`);
    await contains(HAND_OVER, { count: 0 });
});

test("who leaves decides about each open conversation", async () => {
    await startWhatsappServer({ mine: {} });
    agentServer.work = WORK;
    onRpc(AGENT, "hand_over", ({ args }) => {
        asyncStep(args[0]);
    });
    await start();
    await choose("offline");
    await contains(HAND_OVER, { text: "You have 2 open conversations" });
    await click(`${HAND_OVER}-conversation[data-id='31'] .o_select_menu_toggler`);
    await click(".o_select_menu_item", { text: "To Luis (offline, 0)" });
    await contains(".o_select_menu_item", { count: 0 });
    await click(`${HAND_OVER}-conversation[data-id='32'] .o_select_menu_toggler`);
    await click(".o_select_menu_item", { text: "Back to the queue" });
    await click(`${HAND_OVER}-confirm`, { text: "Hand over and go offline" });
    await waitForSteps([
        [
            { conversation_id: 31, choice: "user", user_id: 52 },
            { conversation_id: 32, choice: "queue" },
        ],
    ]);
    await contains(HAND_OVER, { count: 0 });
    await contains(`${SYSTRAY}[data-state='offline']`);
});

test("who leaves has the choice of a transfer, who is there and of the queue first", async () => {
    await startWhatsappServer({ mine: {} });
    agentServer.work = WORK;
    onRpc(AGENT, "hand_over", ({ args }) => {
        asyncStep(args[0].find(({ conversation_id }) => conversation_id === 31));
    });
    await start();
    await choose("offline");
    await click(`${HAND_OVER}-conversation[data-id='31'] .o_select_menu_toggler`);
    await contains(".o_select_menu_item", { count: 6 });
    expect(queryAllTexts(".o_select_menu_item")).toEqual([
        "Keep it",
        "Back to the queue",
        "To Ana (available, 1/5)",
        "To Eva (available, 0/5)",
        "To Luis (offline, 0)",
        "To the queue Sales (0 available, 1 waiting)",
    ]);
    await click(".o_select_menu_item", { text: "To the queue Sales (0 available, 1 waiting)" });
    await click(`${HAND_OVER}-confirm`);
    await waitForSteps([{ conversation_id: 31, choice: "queue", queue_id: 8 }]);
});

test("one choice may be for all", async () => {
    await startWhatsappServer({ mine: {} });
    agentServer.work = WORK;
    onRpc(AGENT, "hand_over", ({ args }) => {
        asyncStep(args[0].map(({ user_id }) => user_id));
    });
    await start();
    await choose("offline");
    await click(`${HAND_OVER}-all .o_select_menu_toggler`);
    await click(".o_select_menu_item", { text: "To Ana (available, 1/5)" });
    await click(`${HAND_OVER}-confirm`);
    await waitForSteps([[51, 51]]);
});

test("who stays loses nothing", async () => {
    await startWhatsappServer({ mine: {} });
    agentServer.work = WORK;
    onRpc(AGENT, "hand_over", () => {
        asyncStep("hand_over");
    });
    await start();
    await choose("offline");
    await click("button", { text: "Stay" });
    await contains(HAND_OVER, { count: 0 });
    await contains(`${SYSTRAY}[data-state='available']`);
    await waitForSteps([]);
});

test("what could not be handed over stays, with the reason", async () => {
    await startWhatsappServer({ mine: {} });
    agentServer.work = WORK;
    agentServer.failed = [{ conversation_id: 32, error: "Ana is in no such queue any more." }];
    await start();
    await choose("offline");
    await click(`${HAND_OVER}-all .o_select_menu_toggler`);
    await click(".o_select_menu_item", { text: "To Ana (available, 1/5)" });
    await click(`${HAND_OVER}-confirm`);
    await contains(`${HAND_OVER}-conversation[data-id='32']`, {
        text: "Ana is in no such queue any more.",
    });
    await contains(`${HAND_OVER}-conversation`, { count: 1 });
    await contains(`${SYSTRAY}[data-state='available']`);
    expect(`${HAND_OVER}-confirm`).toHaveText("Keep all and go offline");
});
