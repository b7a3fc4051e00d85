import { click, contains, insertText, start } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { press, select } from "@odoo/hoot-dom";
import { advanceTime, Deferred } from "@odoo/hoot-mock";
import {
    asyncStep,
    getService,
    makeServerError,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import {
    CONVERSATION,
    makeParameter,
    makeTemplate,
    offerTemplates,
    PERSON,
    refuse,
    says,
    START_DIALOG,
    VISIT,
} from "./outgoing_helpers";
import {
    createConversation,
    defineWhatsappModels,
    openDesk,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const CUSTOMER = "whatsapp_omni.customer";
const SEND = `${START_DIALOG}-send`;
const NEW = ".o-whatsapp_omni-ConversationList-start";
const MARTA = {
    partner_id: 8,
    customer_id: false,
    name: "Marta",
    number: "+34 600 77 76 66",
    detail: "ACME",
};
const TOM = { ...MARTA, partner_id: 9, name: "Tom", number: "" };
const QUEUE = { id: 1, name: "Support", lines: [{ id: 11, name: "Main" }] };

/** Have the server answer what the dialog asks. */
function serve({ queues = [QUEUE], canCreateContact = false, people = [MARTA] } = {}) {
    onRpc(CONVERSATION, "get_start_options", () => ({
        queues,
        countries: [{ id: 68, name: "Spain", phone_code: 34 }],
        country_id: 68,
        can_create_contact: canCreateContact,
    }));
    onRpc(CONVERSATION, "get_start_people", () => people);
    onRpc(CUSTOMER, "search_people", ({ args }) => {
        asyncStep(`search ${args[0]}`);
        return people;
    });
}

function listenStart(id) {
    onRpc(CONVERSATION, "action_start", ({ kwargs }) => {
        const { queue_id, template_id, who, params } = kwargs;
        asyncStep(`start ${JSON.stringify([queue_id, template_id, who, params])}`);
        return id;
    });
}

async function search(term) {
    await insertText(`${PERSON}-search`, term);
    await advanceTime(300);
    await waitForSteps([`search ${term}`]);
}

/** Open the dialog for a selection of records, as the back end does. */
async function openForSelection() {
    await startWhatsappServer();
    await start();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "whatsapp_omni.start",
        params: { model: "res.partner", ids: [8, 9] },
    });
}

test("whom one finds is written to, and the desk shows it", async () => {
    offerTemplates(makeTemplate(), VISIT);
    serve();
    await startWhatsappServer();
    const id = createConversation({ isMine: true, name: "Marta" });
    listenStart(id);
    await openDesk();
    await click(NEW);
    await contains(`${SEND}:disabled`);
    await says(START_DIALOG, "Choose whom to write to.");
    await search("marta");
    await press("Enter");
    await says(`${PERSON}-chosen`, "Marta");
    await click(`${START_DIALOG} [data-name='again']`);
    await click(`${SEND}:enabled`);
    await waitForSteps([`start [1,1,{"partner_id":8},[]]`]);
    await contains(START_DIALOG, { count: 0 });
    await says(".o-whatsapp_omni-ConversationHeader-name", "Marta");
});

test("nobody gets the values of who was chosen before", async () => {
    const greeting = (value) =>
        makeTemplate({
            body: "Hola {{1}}",
            parameters: [makeParameter("1", { source: "contact_name", value })],
        });
    serve({ people: [MARTA, TOM] });
    const loaded = new Deferred();
    onRpc(CONVERSATION, "get_start_templates", async ({ kwargs }) => {
        if (kwargs.who.partner_id !== TOM.partner_id) {
            return [greeting("Marta")];
        }
        await loaded;
        return [greeting("Tom")];
    });
    await startWhatsappServer();
    listenStart(createConversation({ isMine: true }));
    await openDesk();
    await click(NEW);
    await search("ma");
    await press("Enter");
    await contains(`${SEND}:enabled`);
    await click(`${PERSON} button:contains("Change")`);
    await search("ma");
    await press("ArrowDown");
    await press("Enter");
    await says(`${PERSON}-chosen`, "Tom");
    await contains(`${SEND}:disabled`);
    loaded.resolve();
    await click(`${SEND}:enabled`);
    await waitForSteps([`start [1,1,{"partner_id":9},["Tom"]]`]);
});

test("what was typed into the template stays when somebody is chosen", async () => {
    offerTemplates(makeTemplate(), VISIT);
    serve();
    await startWhatsappServer();
    listenStart(createConversation({ isMine: true, name: "Marta" }));
    await openDesk();
    await click(NEW);
    await click(`${START_DIALOG} [data-name='visit_reminder']`);
    await insertText("#o-whatsapp_omni-value-0", "nobody yet", { replace: true });
    await insertText("#o-whatsapp_omni-value-1", "martes");
    await search("marta");
    await press("Enter");
    await says(`${PERSON}-chosen`, "Marta");
    await click(`${SEND}:enabled`);
    await waitForSteps([`start [1,2,{"partner_id":8},["Lucía","martes"]]`]);
});

test("a number is checked before it is used", async () => {
    offerTemplates(makeTemplate());
    serve({ people: [], canCreateContact: true });
    onRpc(CUSTOMER, "check_number", ({ kwargs }) => {
        asyncStep(`check ${kwargs.number} in ${kwargs.country_id}`);
        return "+34 600 99 98 88";
    });
    await startWhatsappServer();
    listenStart(createConversation({ isMine: true }));
    await openDesk();
    await click(NEW);
    await search("600999888");
    await click(`${PERSON}-create`);
    await contains(`${PERSON}-number`, { value: "600999888" });
    await contains("#o-whatsapp_omni-PersonPicker-country:enabled", { value: "68" });
    await insertText(`${PERSON}-name`, "Pepe");
    await click(`${PERSON}-use`);
    await waitForSteps(["check 600999888 in 68"]);
    await says(`${PERSON}-chosen`, "Pepe");
    await click(`${SEND}:enabled`);
    await waitForSteps([
        `start [1,1,{"number":"+34 600 99 98 88","country_id":68,"name":"Pepe"},[]]`,
    ]);
});

test("a number with its prefix asks for no country", async () => {
    offerTemplates(makeTemplate());
    serve({ people: [], canCreateContact: true });
    await startWhatsappServer();
    createConversation({ isMine: true });
    await openDesk();
    await click(NEW);
    await search("+34 600999888");
    await click(`${PERSON}-create`);
    await contains("#o-whatsapp_omni-PersonPicker-country:disabled", { value: "0" });
    await insertText(`${PERSON}-number`, "600999888", { replace: true });
    await contains("#o-whatsapp_omni-PersonPicker-country:enabled", { value: "68" });
});

test("what is no number is said where it is typed", async () => {
    offerTemplates(makeTemplate());
    serve({ people: [] });
    refuse(CUSTOMER, "check_number", "The number is too short.");
    await startWhatsappServer();
    await openDesk();
    await click(NEW);
    await search("12");
    await press("Enter");
    await contains(`${PERSON}-name`, { count: 0 });
    await click(`${PERSON}-use`);
    await says(`${PERSON} .invalid-feedback`, "The number is too short.");
});

test("an open conversation is refused with a way to it", async () => {
    offerTemplates(makeTemplate());
    serve();
    await startWhatsappServer();
    const id = createConversation({ isMine: true, name: "Marta" });
    refuse(CONVERSATION, "action_start", "Ana has an open conversation with Marta.", {
        errorName: "odoo.addons.whatsapp_omni.models.conversation_outgoing.OpenConversation",
        args: [
            "Ana has an open conversation with Marta.",
            {
                type: "ir.actions.client",
                tag: "whatsapp_omni.inbox",
                params: { active_id: id },
            },
            "Open it",
        ],
    });
    await openDesk();
    await click(NEW);
    await search("marta");
    await press("Enter");
    await contains(`${PERSON}-chosen`);
    await click(`${SEND}:enabled`);
    await says(`${START_DIALOG}-error`, "Ana has an open conversation with Marta.");
    await click(`${START_DIALOG}-follow`);
    await contains(START_DIALOG, { count: 0 });
    await says(".o-whatsapp_omni-ConversationHeader-name", "Marta");
});

test("who is an agent of no queue is told whom to ask", async () => {
    serve({ queues: [] });
    await openForSelection();
    await says(START_DIALOG, "You are an agent of no queue");
    await contains(SEND, { count: 0 });
});

test("a selection is written to one by one, with what came of it", async () => {
    const template = makeTemplate({
        body: "Hola {{1}}",
        parameters: [makeParameter("1", { source: "contact_name", value: "…" })],
    });
    offerTemplates(template, VISIT);
    serve({ people: [MARTA, TOM] });
    onRpc(CONVERSATION, "action_start", ({ kwargs }) => {
        asyncStep(`start ${kwargs.who.partner_id} ${JSON.stringify(kwargs.params)}`);
        if (kwargs.who.partner_id === TOM.partner_id) {
            throw makeServerError({ message: "Tom has no phone number." });
        }
        return 55;
    });
    await openForSelection();
    await says(START_DIALOG, "Marta, Tom");
    await click(`${START_DIALOG} [data-name='again']`);
    // what is left empty is filled in for each of them
    await click(`${SEND}:enabled`);
    await says(`${START_DIALOG}-results`, "1 of 2 were sent.");
    await says(`${START_DIALOG}-results li`, "Tom has no phone number.");
    await waitForSteps(["start 8 [false]", "start 9 [false]"]);
});

test("with several queues and lines one chooses", async () => {
    offerTemplates(makeTemplate());
    const lines = [
        { id: 21, name: "North" },
        { id: 22, name: "South" },
    ];
    serve({ queues: [QUEUE, { id: 2, name: "Sales", lines }] });
    onRpc(CONVERSATION, "get_start_templates", ({ args }) => {
        asyncStep(`templates ${args.join(" ")}`);
        return [makeTemplate()];
    });
    await startWhatsappServer();
    await openDesk();
    await click(NEW);
    await contains(`${START_DIALOG}-queue`);
    await contains(`${START_DIALOG}-line`, { count: 0 });
    await select("2", { target: `${START_DIALOG}-queue` });
    await contains(`${START_DIALOG}-line`);
    await select("22", { target: `${START_DIALOG}-line` });
    await waitForSteps(["templates 1 11", "templates 2 21", "templates 2 22"]);
});
