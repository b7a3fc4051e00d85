import { click, contains } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import {
    asyncStep,
    getService,
    makeServerError,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import {
    createConversation,
    createGuest,
    createMessage,
    defineWhatsappModels,
    openDesk,
    pushMessage,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const MASK = ".o-whatsapp_omni-masked";
const REVEAL = ".o-whatsapp_omni-HiddenData-reveal";
const HIDE = ".o-whatsapp_omni-HiddenData-hide";

async function openThread({ mayReveal }) {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    const messageId = createMessage(conversationId, {
        author_guest_id: createGuest(),
        author_id: false,
        body: `<p>Es <span class="o-whatsapp_omni-masked o-card">•••• 4242</span></p>`,
    });
    await openDesk(conversationId);
    await contains(MASK, { text: "•••• 4242" });
    getService("mail.store").whatsapp_omni_can_reveal = mayReveal;
    pushMessage(conversationId, { id: messageId, whatsapp_omni_hidden: "card,email" });
    return messageId;
}

test("a mask tells what it hides, and is all there is for most people", async () => {
    await openThread({ mayReveal: false });
    await contains(`${MASK}[title='Hidden: Card number']`);
    expect(REVEAL).toHaveCount(0);
});

test("who may reveals one message for this view, and hides it again", async () => {
    const messageId = await openThread({ mayReveal: true });
    onRpc("mail.message", "action_whatsapp_omni_reveal", ({ args }) => {
        asyncStep(`reveal ${args[0]}`);
        return { body: "<p>Es 4242 4242 4242 4242</p>", files: [] };
    });
    await contains(".o-whatsapp_omni-HiddenData", {
        text: "Hidden: Card number, E-mail addressReveal",
    });
    await click(REVEAL);
    await waitForSteps([`reveal ${messageId}`]);
    await contains(".o-mail-Message-body", { text: "Es 4242 4242 4242 4242" });
    await contains(MASK, { count: 0 });
    await click(HIDE);
    await contains(MASK, { text: "•••• 4242" });
    await contains(".o-mail-Message-body", { text: "4242 4242 4242", count: 0 });
});

test("leaving the conversation hides it again", async () => {
    await openThread({ mayReveal: true });
    onRpc("mail.message", "action_whatsapp_omni_reveal", () => ({
        body: "<p>Es 4242 4242 4242 4242</p>",
        files: [],
    }));
    await click(REVEAL);
    await contains(HIDE);
    const [message] = Object.values(getService("mail.store")["mail.message"].records).filter(
        (record) => record.whatsapp_omni_hidden
    );
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "mail.action_discuss",
    });
    await contains(".o-whatsapp_omni-HiddenData", { count: 0 });
    expect(message.body.toString()).toInclude("•••• 4242");
});

test("a refusal is explained and reveals nothing", async () => {
    await openThread({ mayReveal: true });
    onRpc("mail.message", "action_whatsapp_omni_reveal", () => {
        throw makeServerError({ message: "Only users who may see sensitive data reveal it." });
    });
    await click(REVEAL);
    await contains(".o_notification", { text: "Only users who may see sensitive data reveal it." });
    await contains(MASK, { text: "•••• 4242" });
    await contains(`${REVEAL}:not(:disabled)`);
});
