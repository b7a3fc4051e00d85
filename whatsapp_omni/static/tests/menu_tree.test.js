import { click, contains } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    asyncStep,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import {
    CARD,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const MENU = "whatsapp_omni.menu";
const BOX = ".o-whatsapp_omni-MenuBox";

class Menu extends models.Model {
    _name = MENU;

    name = fields.Char();

    _records = [{ id: 7, name: "Start" }];
}

class Line extends models.Model {
    _name = "whatsapp_omni.line";

    name = fields.Char();
    menu_id = fields.Many2one({ relation: MENU });

    _records = [
        { id: 1, name: "With", menu_id: 7 },
        { id: 2, name: "Without" },
    ];
}

defineModels([Menu, Line]);

const SALES = {
    id: 8,
    name: "Sales",
    body: "Which one?",
    entered: 4,
    chose: 3,
    gave_up: 1,
    options: [
        { id: 81, title: "New", kind: "queue", target: "Sales queue", chose: 3, menu: null },
        { id: 82, title: "Start again", kind: "menu", target: "Start", chose: 0, menu: null },
    ],
};
const START = {
    id: 7,
    name: "Start",
    body: "What is it about?",
    entered: 10,
    chose: 8,
    gave_up: 0,
    options: [
        { id: 71, title: "Buying", kind: "menu", target: "Sales", chose: 4, menu: SALES },
        { id: 72, title: "Hours", kind: "template", target: "Hours", chose: 4, menu: null },
    ],
};

function draw() {
    onRpc(MENU, "get_tree", ({ args }) => {
        asyncStep(`draw ${args[0][0]}`);
        return START;
    });
}

test("menus are drawn inside each other, with what customers did", async () => {
    draw();
    await mountView({
        type: "form",
        resModel: MENU,
        resId: 7,
        arch: `<form><field name="name"/><widget name="whatsapp_omni_menu_tree"/></form>`,
    });
    await waitForSteps(["draw 7"]);
    await contains(`${BOX}[data-id='7'] ${BOX}[data-id='8']`);
    await contains(`${BOX}[data-id='7']`, { text: "10 entered" });
    await contains(`${BOX}[data-id='8']`, { text: "1 gave up" });
    expect(queryAllTexts(`${BOX}-count`)).toEqual(["4", "3", "0", "4"]);
});

test("a menu that is led to again is named, not drawn again", async () => {
    draw();
    await mountView({
        type: "form",
        resModel: MENU,
        resId: 7,
        arch: `<form><widget name="whatsapp_omni_menu_tree"/></form>`,
    });
    await contains(BOX, { count: 2 });
    await contains("[data-option='82']", { text: "Start" });
    await waitForSteps(["draw 7"]);
});

test("a line shows the tree of its first menu, if it has one", async () => {
    draw();
    await mountView({
        type: "form",
        resModel: "whatsapp_omni.line",
        resId: 1,
        resIds: [1, 2],
        arch: `<form><field name="menu_id"/><widget name="whatsapp_omni_menu_tree" field="menu_id"/></form>`,
    });
    await contains(BOX, { count: 2 });
    await waitForSteps(["draw 7"]);
    await click(".o_pager_next");
    await contains(BOX, { count: 0 });
    await waitForSteps([]);
});

test("what waits for opening is new, and says when the line opens", async () => {
    await startWhatsappServer();
    createConversation({ state: "waiting", opens_at: minutesAgo(-60) });
    await openDesk();
    await contains(`${CARD}-opening.text-bg-secondary:contains(Opens)`);
    await contains(`${CARD}-capture`);
});

test("a window that closes before the line opens is a warning", async () => {
    await startWhatsappServer();
    createConversation({
        state: "waiting",
        opens_at: minutesAgo(-60),
        window_end: minutesAgo(-30),
    });
    await openDesk();
    await contains(`${CARD}-opening.text-bg-warning`);
});
