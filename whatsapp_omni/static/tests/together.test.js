import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press, queryFirst, queryOne } from "@odoo/hoot-dom";
import {
    asyncStep,
    defineModels,
    fields,
    MockServer,
    models,
    onRpc,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import {
    BAR,
    CARD,
    card,
    COMPOSER,
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

const INVITATION = "whatsapp_omni.invitation";
const MENU = ".o-whatsapp_omni-ConversationHeader-more";
const ACTION = ".o-whatsapp_omni-ConversationHeader";
const STRIP = ".o-whatsapp_omni-TogetherStrip";

class WhatsappInvitation extends models.Model {
    _name = INVITATION;

    name = fields.Char();
}
defineModels([WhatsappInvitation]);

function createColleagues(values) {
    const partnerId = MockServer.env["res.partner"].create({ name: "Ana" });
    return createConversation({
        state: "attended",
        owner_user_id: 9999,
        owner_partner_id: partnerId,
        window_end: minutesAgo(-600),
        ...values,
    });
}

function ask(conversationId) {
    const [partner] = MockServer.env["res.partner"].browse(serverState.partnerId);
    MockServer.env["bus.bus"]._sendone(partner, "mail.record/insert", {
        [INVITATION]: [
            {
                id: 5,
                conversation_id: conversationId,
                inviter_name: "Ana",
                customer_name: "Lucía Gómez",
                queue_name: "Support",
                note: "She wants a refund",
                expires_at: minutesAgo(-2),
            },
        ],
    });
}

test("who is asked to join sees it ring, and opens the conversation by joining", async () => {
    await startWhatsappServer();
    onRpc(INVITATION, "action_join", ({ args }) => {
        asyncStep(`join ${args[0]}`);
        return conversationId;
    });
    await openDesk();
    const conversationId = createColleagues();
    ask(conversationId);
    await contains(".o_notification:contains('Ana asks you to join')");
    await contains(".o-whatsapp_omni-Invitation:contains('She wants a refund')");
    await click(".o_notification button", { text: "Join" });
    await waitForSteps(["join 5"]);
    await contains(".o_notification", { count: 0 });
    await contains(".o-whatsapp_omni-Invitation", { count: 0 });
    await contains(`${card(conversationId)}[aria-selected='true'], .o-whatsapp_omni-ComposerBar`);
});

test("not now", async () => {
    await startWhatsappServer();
    onRpc(INVITATION, "action_refuse", ({ args }) => {
        asyncStep(`refuse ${args[0]}`);
        return true;
    });
    await openDesk();
    ask(createColleagues());
    await click(".o-whatsapp_omni-Invitation-refuse");
    await waitForSteps(["refuse 5"]);
    await contains(".o-whatsapp_omni-Invitation", { count: 0 });
    await contains(".o_notification", { count: 0 });
});

test("a guest writes, has it among the own ones, and may leave", async () => {
    await startWhatsappServer();
    onRpc("whatsapp_omni.conversation", "action_leave", () => {
        asyncStep("leave");
        return true;
    });
    const conversationId = createColleagues({
        guests: [{ id: serverState.userId, name: "Mitchell" }],
    });
    await openDesk(conversationId);
    await contains(COMPOSER);
    await contains(`${TAB_ATTENDED}`, { text: "Attended1" });
    await contains(`${card(conversationId)} ${CARD}-guests`);
    await contains(STRIP, {
        text: "Ana with Mitchell: all of them write to the customer.",
    });
    await contains(`${ACTION}-close`, { count: 0 });
    await click(`${ACTION}-leave`);
    await waitForSteps(["leave"]);
});

test("a guest has what the agent has to write with, but for what leaves later", async () => {
    await startWhatsappServer();
    const guests = [{ id: serverState.userId, name: "Mitchell" }];
    const conversationId = createColleagues({ guests });
    await openDesk(conversationId);
    await contains("button[name='whatsapp-quick-replies']");
    await click(".o-mail-Composer button[name='more-actions']");
    await contains(".o-dropdown-item:contains('Buttons or a list')");
    await contains(".o-dropdown-item:contains('Contact card')");
    await contains(".o-dropdown-item:contains('Send later')", { count: 0 });
    await press("Escape");
    queryOne(card(conversationId)).focus();
    await press("/");
    await contains(".o-whatsapp_omni-MessagePicker-search:focus");
});

test("what a guest was writing is there again when they are", async () => {
    await startWhatsappServer();
    const guests = [{ id: serverState.userId, name: "Mitchell" }];
    const conversationId = createColleagues({ guests });
    await openDesk(conversationId);
    await insertText(COMPOSER, "Your order is on its way");
    pushConversation(conversationId, { guests: [] });
    await contains(COMPOSER, { count: 0 });
    pushConversation(conversationId, { guests });
    await contains(COMPOSER, { value: "Your order is on its way" });
});

test("a guest restarts with a template, and parks nothing", async () => {
    await startWhatsappServer();
    const guests = [{ id: serverState.userId, name: "Mitchell" }];
    await openDesk(createColleagues({ guests, window_end: minutesAgo(5) }));
    await contains(`${BAR} .o-whatsapp_omni-ComposerBar-restart`);
    await contains(`${BAR} .o-whatsapp_omni-ComposerBar-park`, { count: 0 });
});

test("an agent asks a colleague by the keyboard", async () => {
    await startWhatsappServer();
    onRpc("whatsapp_omni.conversation", "get_colleagues", () => ({
        users: [
            { id: 31, name: "Eva", queues: "Sales", state: "available" },
            { id: 32, name: "Luis", queues: "Support", state: "paused" },
        ],
        queues: [{ id: 41, name: "Sales", agents: 2 }],
    }));
    onRpc("whatsapp_omni.conversation", "action_invite", ({ kwargs }) => {
        const { user_id, queue_id } = kwargs;
        asyncStep(JSON.stringify({ user_id, queue_id }));
        return 1;
    });
    const conversationId = createConversation({ isMine: true });
    await openDesk(conversationId);
    await click(MENU);
    await click(`${ACTION}-conference`);
    await contains(".o-whatsapp_omni-InviteDialog-choice", { count: 3 });
    // the first field has the focus on a phone, too
    expect(queryFirst(".o-whatsapp_omni-InviteDialog input")).toHaveClass(
        "o-whatsapp_omni-InviteDialog-search"
    );
    await insertText(".o-whatsapp_omni-InviteDialog-search", "lui");
    await contains(".o-whatsapp_omni-InviteDialog-choice", { count: 1 });
    await contains(".o-whatsapp_omni-InviteDialog-choice", { text: "LuisSupport · paused" });
    await click(".o-whatsapp_omni-InviteDialog-choice");
    await waitForSteps(['{"user_id":32}']);
    await contains(".o-whatsapp_omni-InviteDialog", { count: 0 });
});

test("an agent ends a conference, from below the thread or from the menu", async () => {
    await startWhatsappServer();
    const guests = [{ id: 31, name: "Eva" }];
    onRpc("whatsapp_omni.conversation", "action_end_conference", ({ args }) => {
        asyncStep(`end ${args[0]}`);
        pushConversation(conversationId, { guests: [] });
        return true;
    });
    const conversationId = createConversation({ isMine: true, guests });
    await openDesk(conversationId);
    await contains(`${STRIP}:contains('with Eva: all of them write to the customer.')`);
    await click(`${STRIP}-end`, { text: "End conference" });
    await waitForSteps([`end ${conversationId}`]);
    await contains(STRIP, { count: 0 });
    await contains(`${card(conversationId)} ${CARD}-guests`, { count: 0 });

    pushConversation(conversationId, { guests });
    await contains(STRIP);
    await click(MENU);
    await click(`${ACTION}-end-conference`);
    await waitForSteps([`end ${conversationId}`]);
    await contains(STRIP, { count: 0 });
});

test("an agent withdraws what colleagues were asked", async () => {
    await startWhatsappServer();
    const invitations = [
        { id: 5, whom: "Eva" },
        { id: 6, whom: "Sales" },
    ];
    onRpc(INVITATION, "action_withdraw", ({ args: [[id]] }) => {
        asyncStep(`withdraw ${id}`);
        const left = invitations.filter((invitation) => invitation.id !== id);
        invitations.splice(0, invitations.length, ...left);
        pushConversation(conversationId, { invitations: left });
        return true;
    });
    const conversationId = createConversation({ isMine: true, invitations: [...invitations] });
    await openDesk(conversationId);
    await contains(`${STRIP}-asked`, { text: "Eva, Sales: asked to join" });
    await click(`${STRIP}-withdraw`, { text: "Withdraw" });
    await waitForSteps(["withdraw 5", "withdraw 6"]);
    await contains(STRIP, { count: 0 });
    await contains(`${card(conversationId)} ${CARD}-asked`, { count: 0 });
});

test("supervisors whisper, barge in and take over from the desk", async () => {
    await startWhatsappServer({ inbox: { is_supervisor: true } });
    onRpc("whatsapp_omni.conversation", "action_barge_in", () => {
        asyncStep("barge in");
        return true;
    });
    onRpc("whatsapp_omni.conversation", "action_take_over", ({ kwargs }) => {
        asyncStep(`take over from ${kwargs.from_user_id}`);
        return true;
    });
    const conversationId = createColleagues();
    await openDesk(conversationId);
    await contains(BAR, { text: "Ana attends this conversation." });
    await click(MENU);
    await click(`${ACTION}-barge-in`);
    await waitForSteps(["barge in"]);
    await click(MENU);
    await click(`${ACTION}-whisper`);
    await contains(".o-whatsapp_omni-NoteStrip", { text: "Whisper to Ana" });
    await click(MENU);
    await click(`${ACTION}-take-over`);
    await contains(".modal", { text: "Take over from Ana?" });
    await click(".modal button", { text: "Take over" });
    await waitForSteps(["take over from 9999"]);
});

test("who barges in writes to the customer, whatever was whispered before", async () => {
    await startWhatsappServer({ inbox: { is_supervisor: true } });
    onRpc("whatsapp_omni.conversation", "action_barge_in", () => true);
    const conversationId = createColleagues();
    await openDesk(conversationId);
    await click(MENU);
    await click(`${ACTION}-whisper`);
    await insertText(COMPOSER, "offer her a discount");
    await click(MENU);
    await click(`${ACTION}-barge-in`);
    await contains(".o-whatsapp_omni-NoteStrip", { count: 0 });
    pushConversation(conversationId, {
        guests: [{ id: serverState.userId, name: "Mitchell" }],
    });
    await contains(COMPOSER, { value: "" });
});

test("colleagues who are no supervisors can do none of it", async () => {
    await startWhatsappServer();
    await openDesk(createColleagues());
    await click(MENU);
    await contains(`${ACTION}-note`);
    for (const action of ["whisper", "barge-in", "take-over", "conference", "leave"]) {
        expect(`${ACTION}-${action}`).toHaveCount(0);
    }
});

test("what a colleague has to tell leads to the conversation", async () => {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    await openDesk();
    pushEvent("whatsapp_omni.notice", {
        conversation_id: conversationId,
        customer_name: "Lucía Gómez",
        title: "Ana mentioned you",
        text: "what about her order?",
        kind: "info",
    });
    await contains(".o_notification:contains('Lucía Gómez: what about her order?')");
    await click(".o_notification button", { text: "Open" });
    await contains(`${card(conversationId)}[aria-selected='true']`);
});

test("what a colleague has to tell goes once the conversation is open", async () => {
    await startWhatsappServer();
    const conversationId = createConversation({ isMine: true });
    const otherId = createConversation({ isMine: true, name: "Pedro Ruiz" });
    await openDesk();
    for (const [id, customer_name] of [
        [conversationId, "Lucía Gómez"],
        [otherId, "Pedro Ruiz"],
    ]) {
        pushEvent("whatsapp_omni.notice", {
            conversation_id: id,
            customer_name,
            title: "Ana mentioned you",
            text: "what about the order?",
            kind: "info",
        });
    }
    await contains(".o_notification", { count: 2 });
    await click(TAB_ATTENDED);
    await click(card(conversationId));
    await contains(".o_notification", { count: 1 });
    await contains(".o_notification:contains('Pedro Ruiz')");
});

test("who takes over a conference is told that it ends", async () => {
    await startWhatsappServer({ inbox: { is_supervisor: true } });
    const conversationId = createColleagues({ guests: [{ id: 51, name: "Luis" }] });
    await openDesk(conversationId);
    await click(MENU);
    await click(`${ACTION}-take-over`);
    const told =
        "The conversation is yours then, and the agent is told. The conference ends:" +
        " Luis will leave.";
    await contains(".modal", { text: told });
});
