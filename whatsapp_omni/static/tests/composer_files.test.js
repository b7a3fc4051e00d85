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

import { explainRefusedFile } from "@whatsapp_omni/core/sendable_files";

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

test("what WhatsApp refuses is refused when it is chosen, with what helps", async () => {
    await openOwn();
    await pasteFiles(COMPOSER, [new File([], "empty.txt", { type: "text/plain" })]);
    await contains(".o_notification", { text: "empty.txt: The file is empty." });
    await pasteFiles(COMPOSER, [new File(["PK"], "a.zip", { type: "application/zip" })]);
    await contains(".o_notification:contains(a.zip: WhatsApp takes PDF, Word)");
    await contains(FILE, { count: 0 });
});

test("a private note takes every file", async () => {
    await openOwn();
    await click("button[name='whatsapp-note']");
    await pasteFiles(COMPOSER, [new File(["PK"], "a.zip", { type: "application/zip" })]);
    await contains(FILE, { count: 1 });
});

test("each kind of file has its reason and advice", async () => {
    await openOwn();
    const explain = (name, type, size = 1) => explainRefusedFile({ name, type, size });
    for (const [name, type, size, advice] of [
        ["photo.heic", "image/heic", 1, "photos as JPEG or PNG"],
        ["anim.gif", "image/gif", 1, "photos as JPEG or PNG"],
        ["film.mov", "video/quicktime", 101 * MEGABYTE, "videos as MP4 or 3GP"],
        ["long.mp4", "video/mp4", 17 * MEGABYTE, "17 MB, WhatsApp takes up to 16 MB"],
        ["voice.wav", "audio/wav", 1, "sound as MP3"],
        ["table.csv", "text/csv", 1, "PDF, Word"],
        ["book.pdf", "application/pdf", 100 * MEGABYTE + 1, "100.01 MB"],
        ["unknown", "", 1, "PDF, Word"],
        ["x".repeat(241), "text/plain", 1, "241 characters"],
    ]) {
        expect(await explain(name, type, size)).toMatch(advice);
    }
    for (const [name, type, size] of [
        ["photo.jpg", "image/jpeg", 5 * MEGABYTE],
        ["voice.mp3", "audio/mp3", 1],
        ["clip.3gp", "", 1],
        ["table.xlsx", "application/octet-stream", 1],
        ["bill.pdf", "application/pdf", 100 * MEGABYTE],
    ]) {
        expect(await explain(name, type, size)).toBe(undefined);
    }
});

test("a look inside tells stickers, voice notes and photos that Odoo makes smaller", async () => {
    await openOwn();
    const explain = (name, type, ...parts) => explainRefusedFile(new File(parts, name, { type }));
    expect(await explain("smile.webp", "image/webp", await draw(512, 512, "image/webp"))).toBe(
        undefined
    );
    expect(await explain("shop.webp", "image/webp", await draw(400, 300, "image/webp"))).toMatch(
        "JPEG or PNG"
    );
    expect(await explain("voice.ogg", "audio/ogg", "OggS 28 bytes OpusHead")).toBe(undefined);
    expect(await explain("song.ogg", "audio/ogg", "OggS vorbis")).toMatch("Ogg Opus");
    const padding = new Uint8Array(5 * MEGABYTE);
    const [large, small] = [await draw(2000, 20, "image/jpeg"), await draw(20, 20, "image/jpeg")];
    expect(await explain("large.jpg", "image/jpeg", large, padding)).toBe(undefined);
    expect(await explain("small.jpg", "image/jpeg", small, padding)).toMatch("make it smaller");
});

/** @returns {Promise<Blob>} a picture of this size */
function draw(width, height, type) {
    const canvas = Object.assign(document.createElement("canvas"), { height, width });
    return new Promise((resolve) => canvas.toBlob(resolve, type));
}

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
