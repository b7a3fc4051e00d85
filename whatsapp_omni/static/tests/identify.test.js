import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { press, unload } from "@odoo/hoot-dom";
import { asyncStep, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    createConversation,
    defineWhatsappModels,
    openDesk,
    pushConversation,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const BANNER = ".o-whatsapp_omni-IdentifyBanner";
const CANDIDATE = ".o-whatsapp_omni-Candidates-one";
const DIALOG = ".o-whatsapp_omni-IdentifyDialog";
const CARD_TEXT = ".o-whatsapp_omni-ConversationCard:contains(Hola otra vez)";
const NAME = ".o-whatsapp_omni-SidePanel-name";
const CUSTOMER = "whatsapp_omni.customer";

/** Have the server propose one contact. */
function propose(pyEnv, name = "Lucía Gómez SL") {
    const id = pyEnv["res.partner"].create({ name });
    onRpc(CUSTOMER, "get_candidates", () => [
        { id, name, number: "+34 600 11 12 22", detail: "Madrid", match: "number" },
    ]);
    return id;
}

test("an unknown customer is identified with one click, which can be undone", async () => {
    const pyEnv = await startWhatsappServer();
    propose(pyEnv);
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await contains(`${BANNER}:contains(This contact is not registered yet, identify it here)`);
    await click(`${BANNER} ${CANDIDATE}[data-match='number']`, { text: "Lucía Gómez SL · Madrid" });
    await contains(NAME, { text: "Lucía Gómez SL" });
    await contains(BANNER, { count: 0 });
    await click(".o_notification button", { text: "Undo" });
    await contains(BANNER);
    await contains(NAME, { text: "Lucía Gómez" });
});

test("another contact is found by a part of its name", async () => {
    const pyEnv = await startWhatsappServer();
    pyEnv["res.partner"].create({ name: "Rosa Gil" });
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await click(`${BANNER}-here`);
    await contains(`${DIALOG}:contains(No contact has this number or name.)`);
    await insertText(`${DIALOG}-term`, "ros");
    await contains(`${DIALOG}-contact`, { text: "Rosa Gil" });
    await press("Enter");
    await contains(NAME, { text: "Rosa Gil" });
    await contains(".modal", { count: 0 });
});

test("a new contact begins with what WhatsApp tells, and is linked as it is saved", async () => {
    await startWhatsappServer();
    await openDesk(createConversation({ isMine: true }));
    await click(`${BANNER}-here`);
    await click(`${DIALOG}-create`);
    await contains(".modal [name='name'] input", { value: "Lucía" });
    await click(".modal .o_form_button_save");
    await contains(".modal", { count: 0 });
    await contains(BANNER, { count: 0 });
    await contains(NAME, { text: "Lucía" });
    await click(".o_notification button", { text: "Undo" });
    await contains(BANNER);
});

test("who leaves the page with the form of a new contact open has saved and linked it", async () => {
    await startWhatsappServer();
    await openDesk(createConversation({ isMine: true }));
    await click(`${BANNER}-here`);
    await click(`${DIALOG}-create`);
    await insertText(".modal [name='email'] input", "lucia@example.com");
    await contains(BANNER);
    await unload();
    await contains(BANNER, { count: 0 });
});

test("who may not create contacts learns what to ask for", async () => {
    await startWhatsappServer();
    onRpc(CUSTOMER, "get_contact_options", () => ({ can_create: false, defaults: {} }));
    await openDesk(createConversation({ isMine: true }));
    await click(`${BANNER}-here`);
    await contains(`${DIALOG}:contains(To create some, ask your administrator)`);
    await contains(`${DIALOG}-create`, { count: 0 });
});

test("a wrong contact is exchanged from the menu of the conversation", async () => {
    const pyEnv = await startWhatsappServer();
    const partner_id = pyEnv["res.partner"].create({ name: "Wrong" });
    const id = createConversation({ isMine: true, partner_id, is_identified: true });
    await openDesk(id);
    await contains(NAME);
    await contains(BANNER, { count: 0 });
    await click(".o-whatsapp_omni-ConversationHeader-more");
    await click(".o-whatsapp_omni-ConversationHeader-change_contact");
    await click(`${DIALOG}-unlink`);
    await contains(BANNER);
});

test("candidates are asked for once, and again under another name", async () => {
    await startWhatsappServer();
    onRpc(CUSTOMER, "get_candidates", () => asyncStep("candidates"));
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await contains(BANNER);
    await waitForSteps(["candidates"]);
    pushConversation(id, { last_text: "Hola otra vez" });
    await contains(CARD_TEXT);
    pushConversation(id, { name: "Lucía G." });
    await waitForSteps(["candidates"]);
});
