import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press, queryFirst } from "@odoo/hoot-dom";
import { Deferred } from "@odoo/hoot-mock";
import {
    asyncStep,
    getService,
    makeServerError,
    onRpc,
    patchWithCleanup,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import {
    COMPOSER,
    createConversation,
    createMessage,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    pushMessage,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const PANEL = ".o-whatsapp_omni-SidePanel";
const FORM = ".o_form_view";
const CONVERSATION = "whatsapp_omni.conversation";

/** Open the desk on a conversation whose customer is a contact. */
async function openIdentified(values = {}) {
    const pyEnv = await startWhatsappServer();
    const partner_id = pyEnv["res.partner"].create({
        name: "Lucía Gómez",
        email: "l@example.com",
    });
    const id = createConversation({ isMine: true, partner_id, is_identified: true, ...values });
    await openDesk(id);
    return { id, partner_id, pyEnv };
}

test("the contact is edited in place, each field saved by itself", async () => {
    const { partner_id, pyEnv } = await openIdentified();
    await contains(`${PANEL} [name='email'] input`, { value: "l@example.com" });
    onRpc("res.partner", "web_save", ({ args }) => asyncStep(JSON.stringify(args[1])));
    await insertText(`${PANEL} [name='email'] input`, "lucia@example.com", { replace: true });
    await press("Tab");
    await waitForSteps(['{"email":"lucia@example.com"}']);
    expect(pyEnv["res.partner"].browse(partner_id)[0].email).toBe("lucia@example.com");
});

test("what the server refuses stays in the form, with the reason", async () => {
    await openIdentified();
    onRpc("res.partner", "web_save", () => {
        throw makeServerError({ message: "You may not change this contact." });
    });
    await insertText(`${PANEL} [name='email'] input`, "new@example.com", { replace: true });
    await press("Tab");
    await contains(".o-whatsapp_omni-ContactForm-error:contains(You may not change)");
    await contains(`${PANEL} [name='email'] input`, { value: "new@example.com" });
    await click("button", { text: "Undo the change" });
    await contains(`${PANEL} [name='email'] input`, { value: "l@example.com" });
    await contains(".o-whatsapp_omni-ContactForm-error", { count: 0 });
});

test("news do not disturb what is being typed", async () => {
    const { id } = await openIdentified();
    await insertText(`${PANEL} [name='email'] input`, "half", { replace: true });
    const form = queryFirst(FORM);
    const loaded = new Deferred();
    onRpc(CONVERSATION, "get_panel", () => {
        loaded.resolve();
    });
    pushConversation(id, { opted_out: true });
    await loaded;
    await contains(`${PANEL}-consent [role='status']`);
    expect(queryFirst(FORM)).toBe(form);
    await contains(`${PANEL} [name='email'] input`, { value: "half" });
});

test("the timeline follows who joins, and what is parked", async () => {
    const { id } = await openIdentified();
    onRpc(CONVERSATION, "get_panel", () => {
        asyncStep("read");
    });
    pushConversation(id, { invitations: [{ id: 3, whom: "Ana" }] });
    await waitForSteps(["read"]);
    pushConversation(id, { invitations: [], guests: [{ id: 8, name: "Ana" }] });
    await waitForSteps(["read"]);
    pushConversation(id, { parked_at: minutesAgo(0) });
    await waitForSteps(["read"]);
});

test("the timeline tells on demand why an agent was chosen", async () => {
    onRpc(CONVERSATION, "get_panel", async ({ parent }) => {
        const panel = await parent();
        const [opened] = panel.changes;
        const why = { candidates: "Ana: 0 of 2\nEva: 1 of 2", skipped: "Luis: paused" };
        return { ...panel, changes: [opened, { ...opened, id: 2, what: "Offered", ...why }] };
    });
    await openIdentified();
    await contains(`${PANEL}-timeline li`, { count: 2 });
    await contains(`${PANEL}-why`, { count: 1 });
    await contains(`${PANEL}-why[open]`, { count: 0 });
    await click(`${PANEL}-why summary`);
    await contains(`${PANEL}-why[open] div:contains(Eva: 1 of 2)`);
    await contains(`${PANEL}-why[open] div:contains(Luis: paused)`);
});

test("the tab that was last used is remembered", async () => {
    await openIdentified();
    await click(`${PANEL}-tab[data-tab='files']`);
    await contains(`${PANEL} [aria-label='Files']`, { text: "No files were exchanged yet." });
    expect(localStorage.getItem("whatsapp_omni.panel_tab")).toBe("files");
});

test("files are shown in a grid, by the page", async () => {
    await openIdentified();
    const files = [1, 2, 3].map((n) => ({
        id: 900 - n,
        name: `photo${n}.png`,
        mimetype: "image/png",
    }));
    onRpc(CONVERSATION, "get_files", ({ args }) => {
        const page = args[1] ? files.slice(2) : files.slice(0, 2);
        return {
            ids: page.map(({ id }) => id),
            note_ids: [897].filter((id) => page.some((file) => file.id === id)),
            has_more: !args[1],
            store_data: { "ir.attachment": page },
        };
    });
    await click(`${PANEL}-tab[data-tab='files']`);
    await contains(`${PANEL}-file`, { count: 2 });
    await contains(`${PANEL}-file img[data-src*='192x192']`, { count: 2 });
    await click("button", { text: "Show older ones" });
    await contains(`${PANEL}-file`, { count: 3 });
    await contains("button", { text: "Show older ones", count: 0 });
    await contains(`${PANEL}-fileNote`, { count: 1 });
    await contains(`${PANEL}-file[aria-label^='photo3.png, in a private note']`);
    await click(`${PANEL}-file[aria-label='photo2.png']`);
    await contains(".o-FileViewer");
});

test("the contact's records lead to Odoo's own lists", async () => {
    onRpc(CONVERSATION, "get_panel_records", () => ({
        kinds: [
            {
                model: "sale.order",
                name: "Sales",
                icon: "fa-shopping-cart",
                domain: [["partner_id", "child_of", [7]]],
                count: 4,
            },
        ],
    }));
    await openIdentified();
    patchWithCleanup(getService("action"), {
        doAction: ({ res_model, domain }) => asyncStep(`${res_model} ${JSON.stringify(domain)}`),
    });
    await click(`${PANEL} [data-model='sale.order']`, { text: "Sales 4" });
    await waitForSteps(['sale.order [["partner_id","child_of",[7]]]']);
});

test("the customer's clock, and how sure it is", async () => {
    const { id } = await openIdentified();
    onRpc(CONVERSATION, "get_panel", async ({ parent }) => {
        const panel = await parent();
        panel.customer.local_time = {
            zones: ["Atlantic/Canary", "Europe/Madrid"],
            is_sure: false,
        };
        return panel;
    });
    pushConversation(id, { opted_out: true });
    await contains(".o-whatsapp_omni-LocalTime[data-sure='no']:contains(uncertain)");
    await contains(".o-whatsapp_omni-LocalTime[title*='Canary, Madrid']");
});

test("who may read a number finds it in the panel, though cards hide it", async () => {
    const hidden = "+34 ••• ••• 222";
    await startWhatsappServer();
    onRpc(CONVERSATION, "get_panel", async ({ parent }) => {
        const panel = await parent();
        panel.customer.number = "+34 600 11 12 22";
        return panel;
    });
    await openDesk(createConversation({ isMine: true, name: hidden, number: hidden }));
    await contains(`${PANEL} li:contains(+34 600 11 12 22)`);
    await contains(`${PANEL}-name`, { text: hidden });
});

test("the panel's tabs do not take the cursor from the composer", async () => {
    await openIdentified();
    await contains(`${COMPOSER}:focus`);
    await contains(`${PANEL} ${FORM}`);
    await contains(`${COMPOSER}:focus`);
});

/** Open the records of a conversation, after one that may be corrected and others. */
async function openRecords({ isOlder = false } = {}) {
    await startWhatsappServer();
    const earlierId = createConversation({ state: "closed" });
    const corrected = { id: earlierId, disposition: "Solved", may_correct: true };
    const other = { id: 900, disposition: "Sale", may_correct: false };
    onRpc(CONVERSATION, "get_panel", async ({ parent }) => ({
        ...(await parent()),
        previous: isOlder ? [other] : [corrected, other],
        has_more_previous: isOlder,
    }));
    onRpc(CONVERSATION, "get_previous", ({ args }) => {
        asyncStep(`older than ${args[1]}`);
        return { conversations: [corrected], has_more: false };
    });
    onRpc(CONVERSATION, "action_correct", ({ args: [[id]], kwargs }) => {
        asyncStep(`correct ${id === earlierId} ${kwargs.disposition_id}`);
        corrected.disposition = "Spam";
    });
    await openDesk(createConversation({ isMine: true }));
    await click(`${PANEL}-tab[data-tab='records']`);
    await contains(`${PANEL}-previous li`, { count: isOlder ? 1 : 2 });
}

async function correctAsSpam() {
    await click(`${PANEL}-correct`); // the one there is
    await click(".o-whatsapp_omni-CorrectDialog [role='option']", { text: "Spam" });
    await click(".o-whatsapp_omni-CorrectDialog-save");
}

test("how an earlier conversation ended is corrected by who may, and told at once", async () => {
    await openRecords();
    await correctAsSpam();
    await waitForSteps(["correct true 3"]);
    await contains(`${PANEL}-previous li:contains(Spam) ${PANEL}-correct`);
    await contains(`${PANEL}-previous li:contains(Solved)`, { count: 0 });
});

test("pages of earlier conversations that were opened tell of a correction, too", async () => {
    await openRecords({ isOlder: true });
    await click(`${PANEL}-morePrevious`);
    await waitForSteps(["older than 900"]);
    await correctAsSpam();
    await waitForSteps(["correct true 3", "older than 900"]);
    await contains(`${PANEL}-previous li`, { count: 2 });
    await contains(`${PANEL}-previous li:contains(Spam) ${PANEL}-correct`);
});

test("an earlier conversation is shown where it began", async () => {
    const { id } = await openIdentified();
    const first = createMessage(id, { body: "<p>How it began</p>" });
    pushMessage(id, { id: first, body: "<p>How it began</p>" });
    onRpc(CONVERSATION, "get_first_message", ({ args }) => {
        asyncStep(`first message of ${args[0]}`);
        return first;
    });
    await click(`${PANEL}-tab[data-tab='records']`);
    await click(`${PANEL}-previous button`);
    await waitForSteps(["first message of 900"]);
    await contains(".o-mail-Message.o-highlighted:contains(How it began)");
});
