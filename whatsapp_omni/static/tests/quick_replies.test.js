import { click, contains, insertText, triggerHotkey } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { press, queryOne } from "@odoo/hoot-dom";
import { Deferred } from "@odoo/hoot-mock";
import { asyncStep, makeServerError, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import { makeTemplate, offerTemplates } from "./outgoing_helpers";
import {
    BAR,
    card,
    COMPOSER,
    createConversation,
    defineWhatsappModels,
    openDesk,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const TEMPLATE = "whatsapp_omni.message.template";
const DIALOG = ".o-whatsapp_omni-MessagePicker";
const SUGGESTION = ".o-mail-Composer-suggestion";

const reply = (values) => ({
    category: "",
    is_private: false,
    kind: "text",
    shortcut: "",
    use_count: 0,
    text: values.preview?.body ?? false,
    preview: {},
    ...values,
});

const HOURS = reply({
    id: 1,
    name: "Opening hours",
    shortcut: "hours",
    category: "Shop",
    preview: { body: "We open at *9*, Lucía" },
});
const SHIPPING = reply({
    id: 2,
    name: "How to receive it",
    shortcut: "shipping",
    kind: "quick_reply",
    text: false,
    preview: { body: "How?", buttons: [{ title: "At home" }] },
});
const MINE = reply({
    id: 3,
    name: "One moment",
    is_private: true,
    preview: { body: "One moment, please" },
});

async function openOwnConversation(replies = [HOURS, SHIPPING, MINE]) {
    await startWhatsappServer();
    onRpc(TEMPLATE, "get_quick_replies", () => replies);
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await contains(COMPOSER);
    return id;
}

test("a shortcut becomes its text, to be edited and sent: three keys", async () => {
    await openOwnConversation();
    onRpc("/mail/message/post", async (request) => {
        const { params } = await request.json();
        asyncStep(`template ${params.post_data.whatsapp_omni_template_id}`);
    });
    await insertText(COMPOSER, "/hour");
    await contains(SUGGESTION, { count: 1 });
    await contains(`${SUGGESTION} strong`, { text: "/hours" });
    await press("Enter");
    await contains(COMPOSER, { value: "We open at *9*, Lucía" });
    await press("Enter");
    await contains(COMPOSER, { value: "" });
    await waitForSteps(["template 1"]);
});

test("a quick reply goes on where a text ended", async () => {
    await openOwnConversation();
    await insertText(COMPOSER, "Hola, Lucía.");
    await click("[name='whatsapp-quick-replies']");
    await click(`${DIALOG} [data-name='Opening hours']`);
    await click(`${DIALOG}-confirm:enabled`);
    await contains(COMPOSER, { value: "Hola, Lucía. We open at *9*, Lucía" });
});

test("a text of one's own counts as no quick reply", async () => {
    await openOwnConversation();
    onRpc("/mail/message/post", async (request) => {
        const { params } = await request.json();
        asyncStep(`template ${params.post_data.whatsapp_omni_template_id}`);
    });
    await insertText(COMPOSER, "/hours");
    await contains(SUGGESTION);
    await press("Enter");
    await contains(COMPOSER, { value: "We open at *9*, Lucía" });
    await insertText(COMPOSER, "", { replace: true });
    await contains(COMPOSER, { value: "" });
    await insertText(COMPOSER, "Hola");
    await press("Enter");
    await waitForSteps(["template undefined"]);
});

test("what has buttons is shown, and sent by one confirmation", async () => {
    await openOwnConversation();
    onRpc(TEMPLATE, "send_quick_reply", ({ args }) => {
        asyncStep(`send ${args[1]}`);
        return true;
    });
    await insertText(COMPOSER, "/shipping");
    await contains(SUGGESTION);
    await press("Enter");
    await contains(`${DIALOG} .o-whatsapp_omni-WhatsappPreview-button`, { text: "At home" });
    await contains(COMPOSER, { value: "" });
    await contains(`${DIALOG}-search:focus`);
    await press("Enter");
    await contains(DIALOG, { count: 0 });
    await waitForSteps(["send 2"]);
});

test("a refusal is told where it happened", async () => {
    await openOwnConversation();
    onRpc(TEMPLATE, "send_quick_reply", () => {
        throw makeServerError({ message: "The 24-hour window is closed." });
    });
    await click("[name='whatsapp-quick-replies']");
    await click(`${DIALOG}-option`, { text: "How to receive it" });
    await click(`${DIALOG}-confirm`, { text: "Send" });
    await contains(`${DIALOG}-error`, { text: "The 24-hour window is closed." });
});

test("a shortcut is never sent while it is looked up", async () => {
    await startWhatsappServer();
    const answer = new Deferred();
    onRpc(TEMPLATE, "get_quick_replies", () => answer);
    onRpc("/mail/message/post", () => asyncStep("post"));
    await openDesk(createConversation({ isMine: true }));
    await insertText(COMPOSER, "/hours");
    await contains("button[name='send-message']:disabled");
    await press("Enter");
    await contains(COMPOSER, { value: "/hours" });
    answer.resolve([HOURS]);
    await contains(SUGGESTION);
    await waitForSteps([]);
});

test("a slash that is no shortcut is for the customer", async () => {
    await openOwnConversation();
    onRpc("/mail/message/post", () => asyncStep("post"));
    await insertText(COMPOSER, "/unknown");
    await contains(SUGGESTION, { count: 0 });
    await press("Enter");
    await contains(".o-mail-Message", { text: "/unknown" });
    await waitForSteps(["post"]);
});

test("the window is searched and driven by keys", async () => {
    await openOwnConversation();
    await click("[name='whatsapp-quick-replies']");
    await contains(`${DIALOG}-search:focus`);
    await contains(`${DIALOG}-option`, { count: 3 });
    await contains(`${DIALOG} [role='presentation']`, { text: "Shop" });
    await contains(`${DIALOG} [role='presentation']`, { text: "Only mine" });
    await contains(`${DIALOG}-option[aria-selected='true']`, { text: "Opening hours" });
    await press("ArrowDown");
    await contains(`${DIALOG}-option[aria-selected='true']`, { text: "How to receive it" });
    await insertText(`${DIALOG}-search`, "moment");
    await contains(`${DIALOG}-option`, { count: 1 });
    await contains(`${DIALOG} .o-whatsapp_omni-WhatsappPreview-body`, {
        text: "One moment, please",
    });
    await press("Enter");
    await contains(DIALOG, { count: 0 });
    await contains(COMPOSER, { value: "One moment, please" });
});

test("quick replies and templates are found in one place, each saying what it is", async () => {
    offerTemplates(makeTemplate({ body: "We open soon" }));
    await openOwnConversation();
    onRpc("whatsapp_omni.conversation", "action_send_template", ({ kwargs }) => {
        asyncStep(`template ${kwargs.template_id}`);
        return true;
    });
    await click("[name='whatsapp-quick-replies']");
    await contains(`${DIALOG}-option`, { count: 4 });
    await contains(`${DIALOG}-option:contains(Opening hours):contains(Text):contains(/hours)`);
    await contains(`${DIALOG}-option:contains(How to receive it):contains(Buttons)`);
    await contains(`${DIALOG}-option:contains(again):contains(Template · es)`);
    await click(`${DIALOG}-filter[data-filter='replies']`);
    await contains(`${DIALOG}-option`, { count: 3 });
    await click(`${DIALOG}-filter[data-filter='templates']`);
    await contains(`${DIALOG}-option`, { count: 1 });
    await click(`${DIALOG}-filter[data-filter='all']`);
    await contains(`${DIALOG}-search:focus`);
    await insertText(`${DIALOG}-search`, "soon");
    await contains(`${DIALOG}-option`, { count: 1 });
    await press("Enter");
    await contains(DIALOG, { count: 0 });
    await waitForSteps(["template 1"]);
});

test("a slash anywhere in the desk opens the window", async () => {
    const id = await openOwnConversation();
    queryOne(card(id)).focus();
    await press("/");
    await contains(`${DIALOG}-search:focus`);
    await contains(`${DIALOG}-search`, { value: "" });
});

test("the command palette leads to the window", async () => {
    await openOwnConversation();
    await triggerHotkey("control+k");
    await click(".o_command", { text: "Quick replies and templates" });
    await contains(`${DIALOG}-search:focus`);
});

test("where nothing may be written there are no quick replies", async () => {
    await startWhatsappServer();
    onRpc(TEMPLATE, "get_quick_replies", () => asyncStep("asked"));
    const id = createConversation();
    await openDesk(id);
    await contains(BAR);
    queryOne(card(id)).focus();
    await press("/");
    await triggerHotkey("control+k");
    await contains(".o_command_palette");
    await contains(".o_command:contains(Quick replies)", { count: 0 });
    await contains(DIALOG, { count: 0 });
    await waitForSteps([]);
});

test("one's own can be edited and deleted, others' not", async () => {
    await openOwnConversation();
    onRpc(TEMPLATE, "unlink", ({ args }) => {
        asyncStep(`unlink ${args[0]}`);
        return true;
    });
    await click("[name='whatsapp-quick-replies']");
    await contains(`${DIALOG}-new`);
    await click(`${DIALOG}-option`, { text: "Opening hours" });
    await contains(`${DIALOG}-delete`, { count: 0 });
    await click(`${DIALOG}-option`, { text: "One moment" });
    await contains(`${DIALOG}-edit`);
    await click(`${DIALOG}-delete`);
    await click(".modal-footer .btn-primary", { text: "Delete" });
    await waitForSteps(["unlink 3"]);
});

test("a queue without quick replies says who can add some", async () => {
    await openOwnConversation([]);
    await click("[name='whatsapp-quick-replies']");
    await contains(`${DIALOG}-empty`);
    await contains(`${DIALOG}-confirm:disabled`);
});
