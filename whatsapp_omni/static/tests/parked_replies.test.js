import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, setInputFiles, test } from "@odoo/hoot";
import { asyncStep, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    CONVERSATION,
    makeTemplate,
    offerTemplates,
    PARK_DIALOG,
    PARKED,
    PARKED_REPLY,
    refuse,
    says,
    PICKER,
} from "./outgoing_helpers";
import {
    BAR,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    pushEvent,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const TEXT = `${PARK_DIALOG}-text`;
const SAVE = `${PARK_DIALOG}-save`;
const CLOSE_DIALOG = ".o-whatsapp_omni-CloseDialog";
const REPLY = { id: 5, body: "Su pedido está listo", author: "Ana", files: [] };

async function openExpired(values) {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, window_end: minutesAgo(1), ...values });
    await openDesk(id);
    return id;
}

function listen(model, method, result = true) {
    onRpc(model, method, ({ args, kwargs }) => {
        const values = kwargs.body === undefined ? "" : ` ${kwargs.body}`;
        asyncStep(`${method} ${args[0]}${values}`);
        return result;
    });
}

test("what is parked asks for a template next", async () => {
    offerTemplates(makeTemplate());
    listen(CONVERSATION, "action_park", "waiting");
    const id = await openExpired();
    await click(`${BAR}-park`);
    await contains(`${SAVE}:disabled`);
    await insertText(TEXT, "Su pedido está listo");
    await says(PARK_DIALOG, "20/4096");
    await click(`${SAVE}:enabled`);
    await waitForSteps([`action_park ${id} Su pedido está listo`]);
    await contains(PICKER);
});

test("the panel follows what is parked and what is sent", async () => {
    const changes = [];
    onRpc(CONVERSATION, "get_panel", async ({ parent }) => ({ ...(await parent()), changes }));
    const id = await openExpired();
    await contains(".o-whatsapp_omni-SidePanel");
    changes.push({ id: 2, date: minutesAgo(0), who: "Ana", what: "Reply parked", reason: false });
    pushConversation(id, { parked_replies: [REPLY] });
    await says(".o-whatsapp_omni-SidePanel", "Reply parked");
    changes.push({
        id: 3,
        date: minutesAgo(0),
        who: "Ana",
        what: "Template sent",
        reason: "again",
    });
    pushConversation(id, { awaits_answer: true });
    await says(".o-whatsapp_omni-SidePanel", "Template sent: again");
});

test("where a template was sent already, none is asked for", async () => {
    listen(CONVERSATION, "action_park", "waiting");
    const id = await openExpired({ awaits_answer: true });
    await click(`${BAR}-park`);
    await insertText(TEXT, "Hola");
    await click(`${SAVE}:enabled`);
    await waitForSteps([`action_park ${id} Hola`]);
    await contains(PARK_DIALOG, { count: 0 });
    await contains(PICKER, { count: 0 });
});

test("who wrote meanwhile gets it at once, and the agent is told", async () => {
    listen(CONVERSATION, "action_park", "queued");
    const id = await openExpired();
    await click(`${BAR}-park`);
    await insertText(TEXT, "Hola");
    await click(`${SAVE}:enabled`);
    await waitForSteps([`action_park ${id} Hola`]);
    await says(".o_notification", "your reply was sent");
    await contains(PICKER, { count: 0 });
});

test("what is refused stays in the dialog", async () => {
    refuse(CONVERSATION, "action_park", "This conversation is closed.");
    await openExpired();
    await click(`${BAR}-park`);
    await insertText(TEXT, "Hola");
    await click(`${SAVE}:enabled`);
    await says(`${PARK_DIALOG} .alert`, "This conversation is closed.");
    await contains(TEXT, { value: "Hola" });
});

test("a file that WhatsApp refuses is not even uploaded", async () => {
    onRpc("/web/binary/upload_attachment", () => asyncStep("uploaded"));
    await openExpired();
    await click(`${BAR}-park`);
    await click(`${PARK_DIALOG} .o_file_input_trigger`);
    await setInputFiles([new File(["PK"], "a.zip", { type: "application/zip" })]);
    await says(".o_notification", "a.zip: WhatsApp takes PDF, Word");
    await contains(`${PARK_DIALOG} li`, { count: 0 });
    await waitForSteps([]);
});

test("it is shown live above the bar, and can be changed", async () => {
    listen(PARKED, "action_edit");
    const id = await openExpired();
    await contains(`${BAR}-park`);
    await contains(PARKED_REPLY, { count: 0 });
    pushConversation(id, { parked_replies: [REPLY] });
    await says(PARKED_REPLY, "Su pedido está listo");
    await contains(".o-whatsapp_omni-ConversationCard-parked");
    await says(BAR, "The customer does not know that you want to write");
    await click(".o-whatsapp_omni-ParkedReplies-edit");
    await contains(TEXT, { value: "Su pedido está listo" });
    await insertText(TEXT, "Sale mañana", { replace: true });
    await click(`${SAVE}:enabled`);
    await waitForSteps(["action_edit 5 Sale mañana"]);
    pushConversation(id, { parked_replies: [] });
    await contains(PARKED_REPLY, { count: 0 });
});

test("a change that comes too late is explained", async () => {
    refuse(PARKED, "action_edit", "The customer has answered, and this reply was sent.");
    await openExpired({ parked_replies: [REPLY] });
    await click(".o-whatsapp_omni-ParkedReplies-edit");
    await insertText(TEXT, "Tarde", { replace: true });
    await click(`${SAVE}:enabled`);
    await says(`${PARK_DIALOG} .alert`, "The customer has answered");
    await contains(TEXT, { value: "Tarde" });
});

test("it is discarded after a question", async () => {
    listen(PARKED, "action_cancel");
    await openExpired({ parked_replies: [REPLY] });
    await click(".o-whatsapp_omni-ParkedReplies-discard");
    await says(".modal", "It will not be sent.");
    await click(".modal .btn-primary", { text: "Discard" });
    await waitForSteps(["action_cancel 5"]);
});

test("colleagues see it and leave it alone", async () => {
    await startWhatsappServer();
    const id = createConversation({
        state: "attended",
        owner_user_id: 9999,
        window_end: minutesAgo(1),
        parked_replies: [REPLY],
    });
    await openDesk(id);
    await contains(PARKED_REPLY);
    await contains(".o-whatsapp_omni-ParkedReplies-edit", { count: 0 });
});

test("closing tells that something is parked, and discards it knowingly", async () => {
    onRpc(CONVERSATION, "action_close", ({ kwargs }) =>
        asyncStep(`close, discard: ${kwargs.discard_parked}`)
    );
    await openExpired({ parked_replies: [REPLY] });
    await click(".o-whatsapp_omni-ConversationHeader-close");
    await says(`${CLOSE_DIALOG}-warning`, "A parked reply has not been sent.");
    await click(`${CLOSE_DIALOG} [role='option']`, { text: "Solved" });
    await click(`${CLOSE_DIALOG}-confirm`, { text: "Close anyway" });
    await waitForSteps(["close, discard: true"]);
});

test("the agent is told that the customer has answered, and led there", async () => {
    await startWhatsappServer();
    createConversation({ isMine: true, name: "Otro" });
    const id = createConversation({ isMine: true, name: "Lucía" });
    await openDesk();
    await click(TAB_ATTENDED);
    pushEvent("whatsapp_omni.template_answered", {
        conversation_id: id,
        name: "Lucía",
        parked_count: 1,
    });
    await says(".o_notification", "Lucía has answered: what was parked is being sent.");
    await click(".o_notification button", { text: "Open" });
    await says(".o-whatsapp_omni-ConversationHeader-name", "Lucía");
});
