import {
    click,
    contains,
    dragenterFiles,
    dropFiles,
    onRpcBefore,
    pasteFiles,
} from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { Deferred } from "@odoo/hoot-mock";
import { asyncStep, onRpc, serverState, waitForSteps } from "@web/../tests/web_test_helpers";

import { explainDocument, explainRefusedFile } from "@whatsapp_omni/core/attachment_upload_patch";

import {
    card,
    channelOf,
    COMPOSER,
    createConversation,
    createMessage,
    defineWhatsappModels,
    openDesk,
    pushConversation,
    pushRemoval,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const FILE = ".o-mail-Composer .o-mail-AttachmentContainer";
const MEGABYTE = 1024 * 1024;

async function openOwn() {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    createMessage(id, { body: "<p>Original</p>" });
    await openDesk(id);
    await contains(COMPOSER);
    return id;
}

/** Begin to upload a file into our conversation. */
async function openUploading() {
    const id = await openOwn();
    const uploaded = new Deferred();
    onRpcBefore("/mail/attachment/upload", async () => await uploaded);
    onRpc("/mail/attachment/delete", () => {
        asyncStep("deleted");
    });
    await pasteFiles(COMPOSER, [new File(["hi"], "bill.txt", { type: "text/plain" })]);
    await contains(`${FILE}.o-isUploading`);
    return { id, uploaded };
}

const DROPPED = "bill.txt was uploaded too late: you no longer write in that conversation.";

test("a file is dropped or pasted into the composer", async () => {
    await openOwn();
    const files = [new File(["hello"], "text.txt", { type: "text/plain" })];
    await dragenterFiles(".o-mail-DiscussContent", files);
    await dropFiles(".o-mail-Composer-dropzone", files);
    await contains(FILE, { count: 1 });
    await pasteFiles(COMPOSER, [new File(["hi"], "pasted.txt", { type: "text/plain" })]);
    await contains(FILE, { count: 2 });
});

test("what WhatsApp refuses is refused when it is chosen, with the reason", async () => {
    await openOwn();
    await pasteFiles(COMPOSER, [new File([], "empty.txt", { type: "text/plain" })]);
    await contains(".o_notification", { text: "empty.txt is empty: WhatsApp does not take it." });
    await contains(FILE, { count: 0 });
    const film = { name: "film.mov", size: 101 * MEGABYTE, type: "video/quicktime" };
    expect(explainRefusedFile(film)).toMatch("film.mov has 101 MB");
    expect(explainRefusedFile({ name: "x".repeat(241), size: 1 })).toMatch("241 characters");
    expect(explainRefusedFile({ name: "x.pdf", size: 100 * MEGABYTE })).toBe(undefined);
});

test("it is said what the customer will see as a mere document", async () => {
    await openOwn();
    const explain = (name, type, size = 1) => explainDocument({ name, type, size });
    expect(explain("big.jpg", "image/jpeg", 6 * MEGABYTE)).toMatch("“Photo” WhatsApp takes 5 MB");
    expect(explain("photo.heic", "image/heic")).toMatch("JPEG and PNG only");
    expect(explain("long.mp4", "video/mp4", 17 * MEGABYTE)).toMatch("16 MB");
    expect(explain("photo.jpg", "image/jpeg")).toBe(undefined);
    expect(explain("sticker.webp", "image/webp")).toBe(undefined);
    expect(explain("bill.pdf", "application/pdf", 50 * MEGABYTE)).toBe(undefined);
});

test("emoji, voice notes, quotes and reactions are those of Odoo", async () => {
    await openOwn();
    await contains("[name='add-emoji']");
    await click(".o-mail-Composer button[name='more-actions']");
    await contains(".o-dropdown--menu [name='voice-start']");
    await click(".o-mail-Message");
    await contains("[title='Add a Reaction']");
    await click("[title='Reply']");
    await contains(".o-mail-Composer:contains(Replying to)");
});

test("a file whose conversation closes meanwhile is not in the customer's next one", async () => {
    const { id, uploaded } = await openUploading();
    pushRemoval(id);
    await contains(card(id), { count: 0 });
    const next = createConversation({ channel_id: channelOf(id), isMine: true });
    pushConversation(next);
    await click(card(next));
    await contains(COMPOSER);
    uploaded.resolve();
    await contains(".o_notification", { text: DROPPED });
    await waitForSteps(["deleted"]);
    await contains(FILE, { count: 0 });
});

test("nor is a file kept whose conversation is a colleague's by now", async () => {
    const { id, uploaded } = await openUploading();
    pushConversation(id, { owner_user_id: 777, owner_partner_id: false });
    await contains(COMPOSER, { count: 0 });
    uploaded.resolve();
    await contains(".o_notification", { text: DROPPED });
    await waitForSteps(["deleted"]);
    pushConversation(id, { owner_user_id: serverState.userId });
    await click(TAB_ATTENDED);
    await click(card(id));
    await contains(COMPOSER);
    await contains(FILE, { count: 0 });
});

test("a file arrives where it was meant for, whatever is on screen", async () => {
    const { id, uploaded } = await openUploading();
    const other = createConversation({ name: "Pablo Ruiz", isMine: true });
    pushConversation(other);
    await click(card(other));
    await contains(FILE, { count: 0 });
    uploaded.resolve();
    await click(card(id));
    await contains(`${FILE}:not(.o-isUploading)`, { text: "bill.txt" });
    await waitForSteps([]);
});
