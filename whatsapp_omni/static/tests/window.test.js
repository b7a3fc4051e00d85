import { click, contains } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    defineModels,
    fields,
    models,
    mountView,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

import { Message } from "@mail/core/common/message";
import { CLOCK_PERIOD } from "@whatsapp_omni/core/desk/desk_clock_patch";

import {
    CARD,
    card,
    createConversation,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const LEFT = ".o-whatsapp_omni-WindowLeft";
const BAR = ".o-whatsapp_omni-ComposerBar";

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
