import {
    click,
    contains,
    dragenterFiles,
    dropFiles,
    pasteFiles,
} from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";

import { explainDocument, explainRefusedFile } from "@whatsapp_omni/core/attachment_upload_patch";

import {
    COMPOSER,
    createConversation,
    createMessage,
    defineWhatsappModels,
    openDesk,
    startWhatsappServer,
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
}

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
