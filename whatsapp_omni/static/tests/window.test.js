import { click, contains } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryText } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

import { onRendered } from "@odoo/owl";

import { Composer } from "@mail/core/common/composer";
import { Message } from "@mail/core/common/message";
import { OfferCard } from "@whatsapp_omni/agent/offers/offer_card";
import { ConversationHeader } from "@whatsapp_omni/core/conversation_header/conversation_header";
import { CLOCK_PERIOD } from "@whatsapp_omni/core/desk/desk_clock_patch";
import { ConversationCard } from "@whatsapp_omni/inbox/conversation_card/conversation_card";
import { ContactTab } from "@whatsapp_omni/inbox/side_panel/contact_tab";
import { SidePanel } from "@whatsapp_omni/inbox/side_panel/side_panel";

import {
    CARD,
    card,
    createConversation,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    OFFER,
    openDesk,
    pushConversation,
    pushNews,
    pushOffer,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const LEFT = ".o-whatsapp_omni-WindowLeft";
const BAR = ".o-whatsapp_omni-ComposerBar";
const PANEL = ".o-whatsapp_omni-SidePanel";

class Case extends models.Model {
    _name = "case";

    window_end = fields.Datetime();
}
defineModels([Case]);

test("a list counts down, in another colour for the last two hours", async () => {
    Case._records = [
        { id: 1, window_end: minutesAgo(-(20 * 60 + 0.5)) },
        { id: 2, window_end: minutesAgo(-(2 * 60 + 0.5)) },
        { id: 3, window_end: minutesAgo(-1.5) },
        { id: 4, window_end: false },
    ];
    await mountView({
        type: "list",
        resModel: "case",
        arch: `<list><field name="window_end" widget="whatsapp_omni_window_left"/></list>`,
    });
    expect(`${LEFT}`).toHaveCount(3);
    expect(queryAllTexts(`${LEFT} > [aria-hidden='true']:not(i)`)).toEqual([
        "20 h 0 min",
        "2 h 0 min",
        "1 min",
    ]);
    expect(`${LEFT}[data-level='plenty']`).toHaveCount(1);
    expect(`${LEFT}[data-level='short']`).toHaveCount(1);
    expect(`${LEFT}[data-level='urgent'].text-warning`).toHaveCount(1);
    await advanceTime(60 * 1000);
    expect(`${LEFT}[data-level='short']`).toHaveCount(0);
    expect(`${LEFT}[data-level='urgent']`).toHaveCount(2);
    await advanceTime(60 * 1000);
    expect(`${LEFT}[data-level='over']`).toHaveCount(1);
});

test("a form shows until when as well", async () => {
    Case._records = [{ id: 1, window_end: minutesAgo(-90) }];
    await mountView({
        type: "form",
        resModel: "case",
        resId: 1,
        arch: `<form><field name="window_end" widget="whatsapp_omni_window_left" options="{'show_end': true}"/></form>`,
    });
    expect(`.o_field_widget ${LEFT}[data-level='urgent']`).toHaveCount(1);
    expect(".o_field_widget .text-muted").toHaveCount(1);
});

test("the server's word counts more than the clock of the page", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, window_end: minutesAgo(-60) });
    await openDesk();
    await click(TAB_ATTENDED);
    await click(card(id));
    await contains(".o-mail-Composer");
    pushConversation(id, { window_expired: true });
    await contains(`${BAR}[data-state='window']`);
    await contains(".o-mail-Composer", { count: 0 });
    await contains(`${card(id)} ${LEFT}[data-level='over']`, { text: "expired" });
    pushConversation(id, { window_expired: false, window_end: minutesAgo(-24 * 60) });
    await contains(".o-mail-Composer");
});

test("neither the clock nor news have messages drawn anew that they do not concern", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, window_end: minutesAgo(-61) });
    const otherId = createConversation({ isMine: true });
    for (const body of ["One", "Two", "Three"]) {
        createMessage(id, { body });
    }
    await openDesk(id);
    await contains(".o-mail-Message", { count: 3 });
    let drawn = 0;
    patchWithCleanup(Message.prototype, {
        get attClass() {
            drawn++;
            return super.attClass;
        },
    });
    await advanceTime(2 * CLOCK_PERIOD);
    pushConversation(otherId, { last_text: "And now?", window_end: minutesAgo(-24 * 60) });
    await contains(card(otherId), { text: "And now?" });
    pushConversation(id, { last_text: "Four", window_end: minutesAgo(-24 * 60) });
    await contains(card(id), { text: "Four" });
    expect(drawn).toBe(0);
    pushConversation(id, { window_end: minutesAgo(1) });
    await contains(`${BAR}[data-state='window']`);
    expect(drawn).toBeGreaterThan(0);
});

/**
 * Note which components of a class are drawn. To be called before they are shown.
 *
 * @param {typeof Component} Shown
 * @returns {Object[]} the props of each that was drawn, in order
 */
function noteDraws(Shown) {
    const drawn = [];
    patchWithCleanup(Shown.prototype, {
        setup() {
            super.setup(...arguments);
            onRendered(() => drawn.push(this.props));
        },
    });
    return drawn;
}

test("the clock has those cards drawn anew on which it changes something", async () => {
    const drawn = noteDraws(ConversationCard);
    await startWhatsappServer();
    const [recentId, oldId] = [1, 2].map(() => createConversation({ isMine: true }));
    await openDesk();
    await click(TAB_ATTENDED);
    pushConversation(recentId, { last_message_at: minutesAgo(5.6) });
    pushConversation(oldId, { last_message_at: minutesAgo(150) });
    await contains(`${card(recentId)} time`, { text: "5 min" });
    await contains(`${card(oldId)} time`, { text: "2 h" });
    drawn.length = 0;
    await advanceTime(60 * 1000);
    await contains(`${card(recentId)} time`, { text: "6 min" });
    expect(drawn.map(({ conversation }) => conversation.id)).toEqual([recentId]);
});

test("the clock goes on in the panel, which is not drawn anew for that", async () => {
    const drawn = noteDraws(ContactTab);
    await startWhatsappServer();
    onRpc("whatsapp_omni.conversation", "get_panel", async ({ parent }) => {
        const panel = await parent();
        panel.customer.local_time = { zones: ["Europe/Madrid"], is_sure: true };
        return panel;
    });
    await openDesk(createConversation({ isMine: true, window_end: minutesAgo(-600) }));
    const clock = `${PANEL} .o-whatsapp_omni-LocalTime`;
    const left = `${PANEL} ${LEFT} > [aria-hidden='true']:not(i)`;
    await contains(clock);
    await contains(left);
    const [clockBefore, leftBefore] = [clock, left].map((shown) => queryText(shown));
    drawn.length = 0;
    await advanceTime(60 * 1000);
    expect(clock).not.toHaveText(clockBefore);
    expect(left).not.toHaveText(leftBefore);
    expect(drawn).toEqual([]);
});

test("an offer counts the seconds, and its card is not drawn anew for each", async () => {
    const drawn = noteDraws(OfferCard);
    await startWhatsappServer({ mine: {} });
    const id = createConversation();
    await openDesk();
    await contains(card(id));
    pushOffer(id, 60);
    await contains(OFFER);
    const left = queryText(`${OFFER} .o-whatsapp_omni-Countdown`);
    drawn.length = 0;
    for (let second = 1; second <= 10; second++) {
        await advanceTime(1000);
    }
    expect(`${OFFER} .o-whatsapp_omni-Countdown`).not.toHaveText(left);
    // the clock of the desk may have moved on, once
    expect(drawn.length).toBeLessThan(2);
});

test("opening a conversation has no card drawn anew but its own and the former one", async () => {
    const drawn = noteDraws(ConversationCard);
    await startWhatsappServer();
    const ids = [1, 2, 3, 4].map(() => createConversation({ isMine: true }));
    await openDesk();
    await click(TAB_ATTENDED);
    await click(card(ids[0]));
    await contains(`${card(ids[0])}.o-selected`);
    await contains(".o-mail-Composer");
    drawn.length = 0;
    await click(card(ids[1]));
    await contains(`${card(ids[1])}.o-selected`);
    await contains(`${card(ids[0])}:not(.o-selected)`);
    const drawnIds = new Set(drawn.map(({ conversation }) => conversation.id));
    expect([...drawnIds].sort()).toEqual([ids[0], ids[1]]);
});

test("a message has neither header nor composer nor panel drawn anew", async () => {
    const drawn = [ConversationHeader, Composer, SidePanel].map(noteDraws);
    await startWhatsappServer();
    const id = createConversation({
        isMine: true,
        tags: [{ id: 1, name: "Refund", color: 1 }],
        window_end: minutesAgo(-600),
    });
    createMessage(id, { body: "One" });
    await openDesk(id);
    await click(TAB_ATTENDED);
    await contains(".o-mail-Composer");
    await contains(`${PANEL}-name`);
    drawn.forEach((ofOne) => (ofOne.length = 0));
    for (const push of [pushConversation, pushNews]) {
        push(id, { last_text: push.name, window_end: minutesAgo(-24 * 60) });
        await contains(card(id), { text: push.name });
    }
    expect(drawn).toEqual([[], [], []]);
    pushConversation(id, { parked_at: minutesAgo(0) });
    await contains(".o-whatsapp_omni-ConversationHeader-resume");
    expect(drawn[0]).not.toEqual([]);
});

test("who wants no marketing is marked on card, header and panel", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk();
    await click(TAB_ATTENDED);
    await click(card(id));
    await contains(`${CARD}-optedOut`, { count: 0 });
    pushConversation(id, { opted_out: true });
    await contains(`${card(id)} ${CARD}-optedOut[aria-label='No marketing messages']`);
    await contains(".o-whatsapp_omni-ConversationHeader-optedOut", { text: "No marketing" });
    await contains(".o-whatsapp_omni-SidePanel-consent [role='status']");
});

test("allowing marketing again has to be confirmed", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, opted_out: true });
    await openDesk();
    await click(TAB_ATTENDED);
    await click(card(id));
    await click("button", { text: "Allow marketing again" });
    await contains(".modal-body:contains(your name will be noted)");
    await click(".modal button", { text: "Allow marketing" });
    await contains(".o-whatsapp_omni-SidePanel-consent button", {
        text: "Stop marketing messages",
    });
    await contains(`${CARD}-optedOut`, { count: 0 });
});
