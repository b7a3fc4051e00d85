import { click, contains, insertText, triggerHotkey } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press, queryOne } from "@odoo/hoot-dom";
import { asyncStep, makeServerError, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    BAR,
    COMPOSER,
    createConversation,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const STRIP = ".o-whatsapp_omni-NoteStrip";
const NOTE_BUTTON = "button[name='whatsapp-note']";

async function openOwnConversation(values) {
    const pyEnv = await startWhatsappServer();
    const conversationId = createConversation({ isMine: true, ...values });
    await openDesk(conversationId);
    return { conversationId, pyEnv };
}

/** Tell of which kind everything is that is posted. */
function watchPosts() {
    onRpc("/mail/message/post", async (request) => {
        const { params } = await request.json();
        asyncStep(`${params.post_data.subtype_xmlid}: ${params.post_data.body}`);
    });
}

test("a note is written under its own colours and posted as one", async () => {
    watchPosts();
    await openOwnConversation();
    await click(NOTE_BUTTON);
    await contains(STRIP, { text: "Private note · Only your team sees this" });
    await contains(".o-whatsapp_omni-Composer-counter", { count: 0 });
    const { backgroundColor } = getComputedStyle(queryOne(COMPOSER));
    await insertText(COMPOSER, "her order is S00012");
    await press("Enter");
    await waitForSteps(["mail.mt_note: her order is S00012"]);
    await contains(".o-mail-Message.o-whatsapp_omni-note", { text: "her order is S00012" });
    await contains(".o-whatsapp_omni-Message-private", { text: "Only your team sees this" });
    await contains(".o-whatsapp_omni-outgoing", { count: 0 });
    await click(".o-whatsapp_omni-NoteStrip-leave");
    await contains(STRIP, { count: 0 });
    expect(getComputedStyle(queryOne(COMPOSER)).backgroundColor).not.toBe(backgroundColor);
    await insertText(COMPOSER, "On its way");
    await press("Enter");
    await waitForSteps(["mail.mt_comment: On its way"]);
});

test("what is half written never changes sides", async () => {
    await openOwnConversation();
    await insertText(COMPOSER, "Dear Lucía");
    await triggerHotkey("alt+n");
    await contains(STRIP);
    await contains(COMPOSER, { value: "" });
    await insertText(COMPOSER, "she never pays");
    await triggerHotkey("alt+n");
    await contains(STRIP, { count: 0 });
    await contains(COMPOSER, { value: "Dear Lucía" });
    await triggerHotkey("alt+n");
    await contains(COMPOSER, { value: "she never pays" });
});

test("a refused note comes back as a note, whatever is written meanwhile", async () => {
    onRpc("/mail/message/post", () => {
        throw makeServerError({ message: "Not now." });
    });
    await openOwnConversation();
    await click(NOTE_BUTTON);
    await insertText(COMPOSER, "she never pays");
    press("Enter");
    await contains(".o_notification", { text: "Not now." });
    await contains(STRIP);
    await contains(COMPOSER, { value: "she never pays" });
    await triggerHotkey("alt+n");
    await contains(COMPOSER, { value: "" });
});

test("colleagues and a closed window do not keep anybody from noting", async () => {
    await openOwnConversation({ window_end: minutesAgo(5) });
    await contains(BAR, { text: "The 24-hour window is closed." });
    await click(`${BAR} .o-whatsapp_omni-ComposerBar-note`);
    await contains(STRIP);
    await contains(BAR, { count: 0 });
    await click(".o-whatsapp_omni-NoteStrip-leave");
    await contains(BAR, { text: "The 24-hour window is closed." });
});

test("only what a note can hold is offered while noting", async () => {
    await openOwnConversation();
    await contains("button[name='whatsapp-quick-replies']");
    await click(NOTE_BUTTON);
    await contains("button[name='whatsapp-quick-replies']", { count: 0 });
    await contains("button[name='add-emoji']");
});

test("a supervisor's whisper says from whom it is", async () => {
    const pyEnv = await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    const [noteId] = pyEnv["mail.message.subtype"].search([["subtype_xmlid", "=", "mail.mt_note"]]);
    const authorId = pyEnv["res.partner"].create({ name: "Sofía" });
    createMessage(conversationId, {
        author_id: authorId,
        body: "<p>Offer 10 %</p>",
        subtype_id: noteId,
    });
    await openDesk(conversationId);
    await contains(".o-whatsapp_omni-note .o-whatsapp_omni-Message-private");
});
