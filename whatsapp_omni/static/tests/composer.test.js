import {
    click,
    contains,
    dragenterFiles,
    dropFiles,
    insertText,
    triggerHotkey,
} from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press } from "@odoo/hoot-dom";
import { advanceTime, Deferred } from "@odoo/hoot-mock";
import {
    asyncStep,
    makeServerError,
    onRpc,
    waitForSteps,
    withUser,
} from "@web/../tests/web_test_helpers";
import { rpc } from "@web/core/network/rpc";

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
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const COUNTER = ".o-whatsapp_omni-Composer-counter";
const SEND = "button[name='send-message']";

async function openOwnConversation(values) {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true, ...values });
    await openDesk(conversationId);
    return conversationId;
}

test("the composer counts characters as WhatsApp does", async () => {
    await openOwnConversation();
    await contains(COUNTER, { text: "0/4096" });
    await insertText(COMPOSER, "Hola 👋");
    await contains(COUNTER, { text: "6/4096" });
});

test("a text that is too long cannot be sent, and says why", async () => {
    await openOwnConversation();
    onRpc("/mail/message/post", () => asyncStep("post"));
    await insertText(COMPOSER, "ä".repeat(4096));
    await contains(COUNTER, { text: "4096/4096" });
    await contains(`${SEND}:enabled`);
    await insertText(COMPOSER, "xyz");
    await contains(COUNTER, { text: "4099/4096" });
    await contains(`${SEND}:disabled`);
    await contains("[role='alert']", {
        text: "Too long by 3: WhatsApp takes 4096 characters.",
    });
    await press("Enter");
    await contains(COMPOSER, { value: `${"ä".repeat(4096)}xyz` });
    await waitForSteps([]);
});

test("a sent text leaves the composer empty", async () => {
    await openOwnConversation();
    onRpc("/mail/message/post", () => asyncStep("post"));
    await insertText(COMPOSER, "Hola");
    await press("Enter");
    await contains(".o-mail-Message", { text: "Hola" });
    await contains(COMPOSER, { value: "" });
    await waitForSteps(["post"]);
});

test("Enter pressed twice sends once", async () => {
    await openOwnConversation();
    onRpc("/mail/message/post", () => asyncStep("post"));
    await insertText(COMPOSER, "Hola");
    press("Enter");
    await press("Enter");
    await contains(".o-mail-Message", { text: "Hola" });
    await waitForSteps(["post"]);
});

test("what did not get through is posted again under the same name", async () => {
    await openOwnConversation();
    const names = [];
    onRpc("/mail/message/post", async (request) => {
        const { params } = await request.json();
        names.push(params.post_data.whatsapp_omni_token);
        return names.length === 1 ? new Response("", { status: 502 }) : undefined;
    });
    await insertText(COMPOSER, "Hola");
    await press("Enter");
    await click(".o-mail-Message button[title^='Failed to post']");
    await contains(".o-mail-Message button[title^='Failed to post']", { count: 0 });
    await contains(".o-mail-Message", { text: "Hola" });
    expect(names[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(names).toEqual([names[0], names[0]]);
});

test("the typing of a colleague who takes part is shown", async () => {
    const pyEnv = await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    const userId = pyEnv["res.users"].create({ name: "Luis" });
    const partnerId = pyEnv["res.partner"].create({ name: "Luis", user_ids: [userId] });
    const channelId = channelOf(conversationId);
    pyEnv["discuss.channel.member"].create({ channel_id: channelId, partner_id: partnerId });
    await openDesk(conversationId);
    await contains(COMPOSER);
    await withUser(userId, () =>
        rpc("/discuss/channel/notify_typing", { channel_id: channelId, is_typing: true })
    );
    await contains(".o-discuss-Typing", { text: "Luis is typing..." });
});

test("a refused text comes back with the server's reason", async () => {
    await openOwnConversation();
    onRpc("/mail/message/post", () => {
        throw makeServerError({ message: "The 24-hour window is closed." });
    });
    await insertText(COMPOSER, "Hola\nbuenas");
    await press("Enter");
    await contains(".o_notification", { text: "The 24-hour window is closed." });
    await contains(COMPOSER, { value: "Hola\nbuenas" });
    await contains(".o-mail-Message", { count: 0 });
    await contains(".o-mail-Message-pendingProgress", { count: 0 });
});

test("what was written in the meantime stays behind the refused text", async () => {
    await openOwnConversation();
    const answer = new Deferred();
    onRpc("/mail/message/post", () => answer);
    await insertText(COMPOSER, "first");
    await press("Enter");
    await contains(COMPOSER, { value: "" });
    await insertText(COMPOSER, "second");
    answer.reject(makeServerError({ message: "Refused." }));
    await contains(".o_notification", { text: "Refused." });
    await contains(COMPOSER, { value: "first\nsecond" });
});

test("a refused message keeps its files and what it answers", async () => {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    createMessage(conversationId, { body: "<p>Original</p>" });
    onRpc("/mail/message/post", () => {
        throw makeServerError({ message: "Refused." });
    });
    await openDesk(conversationId);
    const files = [new File(["hello"], "text.txt", { type: "text/plain" })];
    await contains(".o-mail-Message");
    await dragenterFiles(".o-mail-DiscussContent", files);
    await dropFiles(".o-mail-Composer-dropzone", files);
    await contains(".o-mail-Composer .o-mail-AttachmentContainer:not(.o-isUploading)");
    await click(".o-mail-Message");
    await click("[title='Reply']");
    await contains(".o-mail-Composer:contains(Replying to)");
    await insertText(COMPOSER, "See this");
    await press("Enter");
    await contains(".o_notification", { text: "Refused." });
    await contains(COMPOSER, { value: "See this" });
    await contains(".o-mail-Composer .o-mail-AttachmentContainer");
    await contains(".o-mail-Composer:contains(Replying to)");
    await contains(".o-mail-Message", { count: 1 });
});

test("the closed window takes the composer's place", async () => {
    await openOwnConversation({ window_end: minutesAgo(1) });
    await contains(`${BAR}[data-state='window']`, {
        text: "The 24-hour window is closed.",
    });
    await contains(COMPOSER, { count: 0 });
});

test("whom WhatsApp no longer tells how to reach cannot be answered", async () => {
    const conversationId = await openOwnConversation();
    await contains(COMPOSER);
    pushConversation(conversationId, { is_reachable: false });
    await contains(`${BAR}[data-state='unreachable']:contains(no longer tells how to reach)`);
    await contains(COMPOSER, { count: 0 });
});

test("the composer goes when the window closes under the agent's eyes", async () => {
    const conversationId = await openOwnConversation();
    await contains(COMPOSER);
    pushConversation(conversationId, { window_end: minutesAgo(-1) });
    await contains(`${card(conversationId)} .o-whatsapp_omni-WindowLeft[data-level='urgent']`);
    await contains(COMPOSER);
    await advanceTime(2 * 60 * 1000);
    await contains(`${BAR}[data-state='window']`);
    await contains(COMPOSER, { count: 0 });
});

test("no colleagues, commands or GIFs: the customer would read them", async () => {
    await openOwnConversation();
    await insertText(COMPOSER, "@");
    await contains(".o-mail-Composer-suggestion", { count: 0 });
    await insertText(COMPOSER, "/", { replace: true });
    await contains(".o-mail-Composer-suggestion", { count: 0 });
    expect("[name='add-gif']").toHaveCount(0);
    onRpc("discuss.channel", "execute_command_help", () => asyncStep("help"));
    onRpc("/mail/message/post", () => asyncStep("post"));
    await insertText(COMPOSER, "/help", { replace: true });
    await triggerHotkey("Enter");
    await contains(".o-mail-Message", { text: "/help" });
    await waitForSteps(["post"]);
});
