import { click, contains, insertText, pasteFiles } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, Deferred, mockDate, mockTimeZone } from "@odoo/hoot-mock";
import { asyncStep, MockServer, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";
import { serializeDateTime } from "@web/core/l10n/dates";

import { CONVERSATION, PARK_DIALOG, PARKED, PARKED_REPLY, refuse, says } from "./outgoing_helpers";
import {
    BAR,
    card,
    COMPOSER,
    createConversation,
    createMessage,
    defineWhatsappModels,
    openDesk,
    pushConversation,
    pushEvent,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const SAVE = `${PARK_DIALOG}-save`;
const CHOICE = ".o-whatsapp_omni-SendTime-choice";
const REPLY = {
    id: 5,
    body: "Le llamo ahora",
    author: "Ana",
    files: [],
    send_at: "2026-03-10 16:30:00",
    cancel_on_answer: true,
};

/** Open a conversation of ours in Madrid, in the afternoon of the tenth of March. */
async function openOwn(values, body) {
    mockTimeZone("Europe/Madrid");
    mockDate("2026-03-10 15:00:00", "Europe/Madrid");
    await startWhatsappServer();
    const id = createConversation({
        isMine: true,
        window_end: "2026-03-11 10:00:00",
        ...values,
    });
    if (body) {
        createMessage(id, { body });
    }
    await openDesk(id);
    return id;
}

function listen(model, method) {
    onRpc(model, method, ({ args, kwargs }) => {
        const values = { ...kwargs };
        delete values.context;
        asyncStep(`${method} ${args[0]} ${JSON.stringify(values)}`);
        return true;
    });
}

/** What *In 1 hour* means: a whole minute, however slow the test is. */
function inAnHour() {
    return serializeDateTime(luxon.DateTime.now().plus({ hours: 1 }).set({ second: 0 }));
}

async function openSendLater() {
    await click(".o-mail-Composer button[name='more-actions']");
    await click(".o-dropdown--menu [name='whatsapp-send-later']");
    await contains(PARK_DIALOG);
}

test("what is in the composer is sent in an hour, and the composer is empty", async () => {
    listen(CONVERSATION, "action_schedule");
    const id = await openOwn();
    await insertText(COMPOSER, "Le llamo ahora");
    await openSendLater();
    await contains(`${PARK_DIALOG}-text`, { value: "Le llamo ahora" });
    await contains(`${SAVE}:disabled`);
    await click(`${CHOICE}[data-choice='hour']`);
    await contains(`${PARK_DIALOG}-cancel:checked`);
    expect(`${PARK_DIALOG} .o_datetime_input`).toHaveValue(/^\S+ \d+:\d+$/);
    await click(`${SAVE}:enabled`, { text: "Schedule" });
    await waitForSteps([
        `action_schedule ${id} ${JSON.stringify({
            body: "Le llamo ahora",
            attachment_ids: [],
            send_at: inAnHour(),
            cancel_on_answer: true,
        })}`,
    ]);
    await contains(PARK_DIALOG, { count: 0 });
    await contains(COMPOSER, { value: "" });
});

test("a file that is still on its way is waited for", async () => {
    onRpc("/mail/attachment/upload", () => new Deferred());
    await openOwn();
    await pasteFiles(COMPOSER, [new File(["hi"], "bill.txt", { type: "text/plain" })]);
    await contains(".o-mail-Composer .o-mail-AttachmentContainer.o-isUploading");
    await click(".o-mail-Composer button[name='more-actions']");
    await click(".o-dropdown--menu [name='whatsapp-send-later']");
    await contains(".o_notification:contains(Wait until the file is uploaded)");
    await contains(PARK_DIALOG, { count: 0 });
});

test("what it answers goes with it", async () => {
    listen(CONVERSATION, "action_schedule");
    const id = await openOwn({}, "<p>Original</p>");
    await click(".o-mail-Message");
    await click("[title='Reply']");
    await contains(".o-mail-Composer:contains(Replying to)");
    await insertText(COMPOSER, "Le llamo ahora");
    await openSendLater();
    await says(`${PARK_DIALOG}-quoted`, "Replying to");
    await click(`${CHOICE}[data-choice='hour']`);
    await click(`${SAVE}:enabled`);
    const [quotedId] = MockServer.env["mail.message"].search([["body", "like", "Original"]]);
    await waitForSteps([
        `action_schedule ${id} ${JSON.stringify({
            body: "Le llamo ahora",
            attachment_ids: [],
            send_at: inAnHour(),
            cancel_on_answer: true,
            quoted_id: quotedId,
        })}`,
    ]);
    await contains(".o-mail-Composer:contains(Replying to)", { count: 0 });
});

test("tomorrow at nine, here or where the customer is", async () => {
    listen(CONVERSATION, "action_schedule");
    onRpc(CONVERSATION, "get_send_later", () => ({ timezone: "Europe/Lisbon" }));
    const id = await openOwn();
    await openSendLater();
    await insertText(`${PARK_DIALOG}-text`, "Hola");
    await click(`${CHOICE}[data-choice='tomorrow']`);
    await contains(`${SAVE}:enabled`);
    await click(`${CHOICE}[data-choice='theirs'][title='Europe/Lisbon']`);
    await click(`${PARK_DIALOG}-cancel`);
    await click(SAVE);
    await waitForSteps([
        `action_schedule ${id} ${JSON.stringify({
            body: "Hola",
            attachment_ids: [],
            send_at: "2026-03-11 09:00:00",
            cancel_on_answer: false,
        })}`,
    ]);
});

test("nothing is chosen beyond the end of the window", async () => {
    await openOwn({ window_end: "2026-03-11 07:00:00" });
    await openSendLater();
    await insertText(`${PARK_DIALOG}-text`, "Hola");
    await contains(`${CHOICE}[data-choice='tomorrow'][title*='window ends at']:disabled`);
    await contains(`${CHOICE}[data-choice='hour']:enabled`);
    await contains(`${SAVE}:disabled`);
});

test("where the customer's clock stands as ours there is one choice", async () => {
    onRpc(CONVERSATION, "get_send_later", () => ({ timezone: "Europe/Paris" }));
    await openOwn();
    await openSendLater();
    await contains(CHOICE, { count: 2 });
});

test("what is refused stays in the dialog and in the composer", async () => {
    refuse(CONVERSATION, "action_schedule", "The 24-hour window ends at 10:00.");
    await openOwn();
    await insertText(COMPOSER, "Hola");
    await openSendLater();
    await click(`${CHOICE}[data-choice='hour']`);
    await click(`${SAVE}:enabled`);
    await says(`${PARK_DIALOG} .alert`, "The 24-hour window ends at 10:00.");
    await click(".modal .btn-secondary", { text: "Cancel" });
    await contains(COMPOSER, { value: "Hola" });
});

test("it is shown above the composer with its time, sent at once or discarded", async () => {
    listen(PARKED, "action_send_now");
    listen(PARKED, "action_cancel");
    const id = await openOwn();
    await contains(COMPOSER);
    await contains(PARKED_REPLY, { count: 0 });
    pushConversation(id, { parked_replies: [REPLY] });
    await says(PARKED_REPLY, "Le llamo ahora");
    await says(".o-whatsapp_omni-ParkedReplies-when", "5:30");
    await says(".o-whatsapp_omni-ParkedReplies-when", "unless the customer writes first");
    await contains(COMPOSER);
    await click(".o-whatsapp_omni-ParkedReplies-send");
    await waitForSteps(["action_send_now 5 {}"]);
    await click(".o-whatsapp_omni-ParkedReplies-discard");
    await click(".modal .btn-primary", { text: "Discard" });
    await waitForSteps(["action_cancel 5 {}"]);
});

test("its text and time can be changed", async () => {
    listen(PARKED, "action_edit");
    await openOwn({ parked_replies: [REPLY] });
    await click(".o-whatsapp_omni-ParkedReplies-edit");
    await contains(`${PARK_DIALOG}-text`, { value: "Le llamo ahora" });
    await contains(`${PARK_DIALOG} .o_datetime_input`);
    await insertText(`${PARK_DIALOG}-text`, "Le llamo luego", { replace: true });
    await click(`${CHOICE}[data-choice='hour']`);
    await click(`${SAVE}:enabled`, { text: "Save" });
    await waitForSteps([
        `action_edit 5 ${JSON.stringify({
            body: "Le llamo luego",
            attachment_ids: [],
            send_at: inAnHour(),
            cancel_on_answer: true,
        })}`,
    ]);
});

test("where the window is closed it is not sent by hand", async () => {
    await openOwn({ parked_replies: [REPLY], window_end: "2026-03-10 13:00:00" });
    await contains(`${BAR}[data-state='window']`);
    await contains(PARKED_REPLY);
    await contains(".o-whatsapp_omni-ParkedReplies-send", { count: 0 });
});

const NEWS = "What was scheduled was discarded: the customer wrote first.";

function pushNews(conversationId) {
    pushEvent("whatsapp_omni.reply_news", {
        conversation_id: conversationId,
        name: "Lucía",
        text: NEWS,
    });
}

test("the agent is told what became of it, and led there", async () => {
    await openOwn();
    const id = createConversation({ isMine: true, name: "Lucía" });
    pushConversation(id);
    pushNews(id);
    await says(".o_notification", NEWS);
    await click(".o_notification button", { text: "Open" });
    await says(".o-whatsapp_omni-ConversationHeader-name", "Lucía");
    await contains(".o_notification", { count: 0 });
});

test("what became of it covers nothing once the conversation is open", async () => {
    const id = await openOwn();
    const otherId = createConversation({ isMine: true, name: "Lucía" });
    pushConversation(otherId);
    pushNews(otherId);
    await says(".o_notification", NEWS);
    await click(card(otherId));
    await contains(".o_notification", { count: 0 });

    await click(card(id));
    pushNews(id);
    await says(".o_notification", NEWS);
    await contains(".o_notification button", { text: "Open", count: 0 });
    await advanceTime(5000);
    await contains(".o_notification", { count: 0 });
});
