import {
    click,
    contains,
    insertText,
    pasteFiles,
    triggerHotkey,
} from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press, queryOne } from "@odoo/hoot-dom";
import { Deferred } from "@odoo/hoot-mock";
import {
    asyncStep,
    getService,
    makeServerError,
    onRpc,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

import {
    BAR,
    card,
    channelOf,
    COMPOSER,
    createConversation,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    pushRemoval,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const STRIP = ".o-whatsapp_omni-NoteStrip";
const NOTE_BUTTON = "button[name='whatsapp-note']";
const QUICK_REPLY = {
    id: 1,
    name: "Opening hours",
    shortcut: "hours",
    category: "",
    kind: "text",
    is_private: false,
    use_count: 0,
    text: "We open at 9",
};

const draftsKey = (conversationId) =>
    `whatsapp_omni.drafts.${serverState.userId}.${channelOf(conversationId)}`;

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

test("as long as a file is on its way the side stays, and it is said why", async () => {
    const upload = new Deferred();
    onRpc("/mail/attachment/upload", () => upload);
    await openOwnConversation();
    await pasteFiles(COMPOSER, [new File(["hi"], "bill.txt", { type: "text/plain" })]);
    await contains(".o-mail-Composer .o-mail-AttachmentContainer.o-isUploading");
    await triggerHotkey("alt+n");
    await contains(".o_notification:contains(Wait until the file is uploaded)");
    await contains(STRIP, { count: 0 });
});

test("a refused note does not become an answer while a file is on its way there", async () => {
    const answer = new Deferred();
    onRpc("/mail/message/post", () => answer);
    onRpc("/mail/attachment/upload", () => new Deferred());
    await openOwnConversation();
    await click(NOTE_BUTTON);
    await insertText(COMPOSER, "she never pays");
    await press("Enter");
    await contains(COMPOSER, { value: "" });
    await click(".o-whatsapp_omni-NoteStrip-leave");
    await pasteFiles(COMPOSER, [new File(["hi"], "bill.txt", { type: "text/plain" })]);
    await contains(".o-mail-Composer .o-mail-AttachmentContainer.o-isUploading");
    answer.reject(makeServerError({ message: "Not now." }));
    await contains(".o_notification", { text: "Not now." });
    await contains(STRIP, { count: 0 });
    await contains(COMPOSER, { value: "" });
    await contains(".o-mail-Message button[title^='Failed to post']");
});

test("a refused note still mentions whom it mentioned", async () => {
    const posts = [];
    onRpc("/mail/message/post", async (request) => {
        const { params } = await request.json();
        posts.push(params.post_data.partner_ids);
        if (posts.length === 1) {
            throw makeServerError({ message: "Not now." });
        }
    });
    const { conversationId, pyEnv } = await openOwnConversation();
    const luisId = pyEnv["res.partner"].create({ name: "Luis" });
    const store = getService("mail.store");
    store["res.partner"].insert({ id: luisId, name: "Luis" });
    await click(NOTE_BUTTON);
    await contains(STRIP);
    const thread = store.Thread.get({ model: "discuss.channel", id: channelOf(conversationId) });
    thread.composer.mentionedPartners.push(store["res.partner"].get(luisId));
    await insertText(COMPOSER, "@Luis look");
    await press("Enter");
    await contains(".o_notification", { text: "Not now." });
    await contains(COMPOSER, { value: "@Luis look" });
    await press("Enter");
    await contains(COMPOSER, { value: "" });
    expect(posts).toEqual([[luisId], [luisId]]);
});

test("nothing for the customer is made of a note, not from the palette either", async () => {
    await openOwnConversation();
    await click(NOTE_BUTTON);
    await insertText(COMPOSER, "she never pays");
    await triggerHotkey("control+k");
    await contains(".o_command:contains(Close)");
    await contains(".o_command:contains(Send later)", { count: 0 });
    await contains(".o_command:contains(Buttons or a list)", { count: 0 });
});

test("a quick reply is for the customer, whatever was noted", async () => {
    onRpc("whatsapp_omni.message.template", "get_quick_replies", () => [
        { ...QUICK_REPLY, preview: { body: QUICK_REPLY.text } },
    ]);
    const { conversationId } = await openOwnConversation();
    await click(NOTE_BUTTON);
    await insertText(COMPOSER, "she never pays");
    queryOne(card(conversationId)).focus();
    await press("Escape");
    await press("/");
    await contains(".o-whatsapp_omni-MessagePicker-search:focus");
    await press("Enter");
    await contains(STRIP, { count: 0 });
    await contains(COMPOSER, { value: "We open at 9" });
    await triggerHotkey("alt+n");
    await contains(COMPOSER, { value: "she never pays" });
});

test("what is half written stays on its side when one looks at another conversation", async () => {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    const other = createConversation({ name: "Pepe", isMine: true });
    await openDesk(conversationId);
    await insertText(COMPOSER, "Dear Lucía");
    await triggerHotkey("alt+n");
    await contains(STRIP);
    await click(card(other));
    await contains(".o-whatsapp_omni-ConversationHeader-name", { text: "Pepe" });
    await click(card(conversationId));
    await contains(STRIP);
    await contains(COMPOSER, { value: "" });
    await triggerHotkey("alt+n");
    await contains(COMPOSER, { value: "Dear Lucía" });
});

test("what is half written outlives the page, each on its side", async () => {
    const { conversationId } = await openOwnConversation();
    await insertText(COMPOSER, "Dear Lucía");
    await triggerHotkey("alt+n");
    await contains(STRIP);
    await insertText(COMPOSER, "she never pays");
    window.dispatchEvent(new Event("beforeunload"));
    const kept = browser.localStorage.getItem(draftsKey(conversationId));
    expect(JSON.parse(kept)).toEqual({
        conversationId,
        answer: { composerText: "Dear Lucía" },
        note: { composerText: "she never pays" },
    });
});

test("a page goes on with what was half written before it", async () => {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    browser.localStorage.setItem(
        draftsKey(conversationId),
        JSON.stringify({
            conversationId,
            answer: { composerText: "Dear" },
            note: { composerText: "pays late" },
        })
    );
    await openDesk(conversationId);
    await contains(COMPOSER, { value: "Dear" });
    await triggerHotkey("alt+n");
    await contains(STRIP);
    await contains(COMPOSER, { value: "pays late" });
    await press("Enter");
    await contains(COMPOSER, { value: "" });
    const kept = browser.localStorage.getItem(draftsKey(conversationId));
    expect(JSON.parse(kept)).toEqual({ conversationId, answer: { composerText: "Dear" } });
});

test("an answer to a closed conversation is not in the customer's next one", async () => {
    const { conversationId } = await openOwnConversation();
    await triggerHotkey("alt+n");
    await contains(STRIP);
    await insertText(COMPOSER, "she never pays");
    await triggerHotkey("alt+n");
    await contains(STRIP, { count: 0 });
    await insertText(COMPOSER, "Your order is lost");
    window.dispatchEvent(new Event("beforeunload"));
    pushRemoval(conversationId);
    await contains(card(conversationId), { count: 0 });
    const next = createConversation({ channel_id: channelOf(conversationId), isMine: true });
    pushConversation(next);
    await click(card(next));
    await contains(COMPOSER, { value: "" });
    expect(browser.localStorage.getItem(draftsKey(next))).not.toInclude("lost");
    await triggerHotkey("alt+n");
    await contains(COMPOSER, { value: "she never pays" });
});

test("nor is it when the page was left meanwhile", async () => {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    browser.localStorage.setItem(
        draftsKey(conversationId),
        JSON.stringify({
            conversationId: conversationId - 1,
            answer: { composerText: "Your order is lost" },
            note: { composerText: "pays late" },
        })
    );
    await openDesk(conversationId);
    await contains(COMPOSER, { value: "" });
    await triggerHotkey("alt+n");
    await contains(COMPOSER, { value: "pays late" });
});

test("an answer waits until a conversation that was passed on comes back", async () => {
    const { conversationId } = await openOwnConversation();
    await insertText(COMPOSER, "Your order is on its way");
    pushConversation(conversationId, { owner_user_id: 777, owner_partner_id: false });
    await contains(COMPOSER, { count: 0 });
    pushConversation(conversationId, { owner_user_id: serverState.userId });
    await contains(COMPOSER, { value: "Your order is on its way" });
});

test("what the customer wrote is answered in its own thread only", async () => {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    createMessage(conversationId, { body: "<p>Hola</p>" });
    await openDesk(conversationId);
    await contains(".o-mail-Message", { text: "Hola" });
    const store = getService("mail.store");
    const thread = store.Thread.get({ model: "discuss.channel", id: channelOf(conversationId) });
    const message = thread.messages.at(-1);
    expect(message.canReplyTo(thread)).toBe(true);
    expect(message.canReplyTo(store.starred)).toBe(false);
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

test("whoever takes a conversation answers, also where they have just noted", async () => {
    await startWhatsappServer();
    const conversationId = createConversation();
    await openDesk(conversationId);
    await click(`${BAR} .o-whatsapp_omni-ComposerBar-note`);
    await contains(STRIP);
    await insertText(COMPOSER, "she never pays");
    await click(`${card(conversationId)} .o-whatsapp_omni-ConversationCard-capture`);
    await contains(STRIP, { count: 0 });
    await contains(`${COMPOSER}:focus`, { value: "" });
    await triggerHotkey("alt+n");
    await contains(COMPOSER, { value: "she never pays" });
});

test("Escape in a note that is edited leaves the editing only", async () => {
    const pyEnv = await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    const [noteId] = pyEnv["mail.message.subtype"].search([["subtype_xmlid", "=", "mail.mt_note"]]);
    createMessage(conversationId, { body: "<p>never pays</p>", subtype_id: noteId });
    await openDesk(conversationId);
    await contains(`${COMPOSER}:focus`);
    await press("ArrowUp");
    await contains(".o-mail-Message .o-mail-Composer-input:focus");
    await press("Escape");
    await contains(".o-mail-Message .o-mail-Composer-input", { count: 0 });
    await contains(`${card(conversationId)}:focus`, { count: 0 });
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
