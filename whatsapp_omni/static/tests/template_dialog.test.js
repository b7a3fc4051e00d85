import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { press } from "@odoo/hoot-dom";
import { asyncStep, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    CONVERSATION,
    EDITOR,
    makeParameter,
    makeTemplate,
    offerTemplates,
    PREVIEW,
    refuse,
    says,
    TEMPLATE_DIALOG,
    VISIT,
} from "./outgoing_helpers";
import {
    BAR,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const SEND = `${TEMPLATE_DIALOG}-send`;

/** Open a conversation of ours whose window is closed. */
async function openExpired(values) {
    await startWhatsappServer();
    const id = createConversation({ isMine: true, window_end: minutesAgo(1), ...values });
    onRpc(CONVERSATION, "action_send_template", ({ args, kwargs }) => {
        asyncStep(`send ${kwargs.template_id} ${JSON.stringify(kwargs.params)} in ${args[0]}`);
        return true;
    });
    await openDesk(id);
    return id;
}

function option(name) {
    return `${TEMPLATE_DIALOG} [role='option'][data-name='${name}']`;
}

test("a template without variables takes three clicks", async () => {
    offerTemplates(makeTemplate(), VISIT);
    const id = await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${SEND}:disabled`);
    await click(option("again"));
    await says(PREVIEW, "¿Seguimos?");
    await click(`${SEND}:enabled`);
    await waitForSteps([`send 1 [] in ${id}`]);
    await contains(TEMPLATE_DIALOG, { count: 0 });
});

test("where there is one only, it is chosen already", async () => {
    offerTemplates(makeTemplate());
    const id = await openExpired();
    await click(`${BAR}-restart`);
    await click(`${SEND}:enabled`);
    await waitForSteps([`send 1 [] in ${id}`]);
});

test("it is found by its text and filled in without a mouse", async () => {
    offerTemplates(makeTemplate(), VISIT);
    const id = await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${EDITOR}-search:focus`);
    await insertText(`${EDITOR}-search`, "esperamos");
    await contains(`${TEMPLATE_DIALOG} [role='option']`, { count: 1 });
    await press("Enter");
    await contains(`${EDITOR}-value:eq(0):focus`, { value: "Lucía" });
    await says(PREVIEW, "Hola Lucía, le esperamos el {{2}}");
    await contains(`${SEND}:disabled`);
    await says(TEMPLATE_DIALOG, "Fill in “Body {{2}}”.");
    await insertText(`${EDITOR}-value:eq(1)`, "martes");
    await says(PREVIEW, "Hola Lucía, le esperamos el martes");
    await click(`${SEND}:enabled`);
    await waitForSteps([`send 2 ["Lucía","martes"] in ${id}`]);
});

test("arrows move in the list", async () => {
    offerTemplates(makeTemplate(), VISIT);
    await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${EDITOR}-search:focus`);
    await press("ArrowDown");
    await contains(`${option("again")}[aria-selected='true']`);
    await press("ArrowDown");
    await contains(`${option("visit_reminder")}[aria-selected='true']`);
    await press("ArrowUp");
    await contains(`${option("again")}[aria-selected='true']`);
});

test("what the server refuses is said, and nothing is lost", async () => {
    offerTemplates(VISIT);
    await openExpired();
    refuse(CONVERSATION, "action_send_template", "WhatsApp has paused it.");
    await click(`${BAR}-restart`);
    await insertText(`${EDITOR}-value:eq(1)`, "martes");
    await click(`${SEND}:enabled`);
    await says(`${TEMPLATE_DIALOG} .alert`, "WhatsApp has paused it.");
    await contains(`${EDITOR}-value:eq(1)`, { value: "martes" });
});

test("a file is asked for where the template has none", async () => {
    offerTemplates(makeTemplate({ header_kind: "image" }));
    await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${SEND}:disabled`);
    await says(TEMPLATE_DIALOG, "Choose the file that goes above the text.");
    await contains(`${EDITOR}-upload`);
});

test("what is above the text of the template will do", async () => {
    offerTemplates(
        makeTemplate({
            header_kind: "image",
            file: { id: 7, name: "sample.png", url: "/web/static/img/logo.png" },
        })
    );
    await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${PREVIEW}-picture`);
    await contains(`${SEND}:enabled`);
});

test("nothing is offered: it is said what to do", async () => {
    offerTemplates();
    await openExpired();
    await click(`${BAR}-restart`);
    await says(TEMPLATE_DIALOG, "No approved template is offered here");
});

test("words of a template are shown as they are, whatever they hold", async () => {
    offerTemplates(
        makeTemplate({
            body: "{{1}}",
            parameters: [makeParameter("1", { value: "<img src=x onerror=alert(1)>" })],
        })
    );
    await openExpired();
    await click(`${BAR}-restart`);
    await contains(PREVIEW, { text: "<img src=x onerror=alert(1)>" });
    await contains(`${PREVIEW} img`, { count: 0 });
});

test("the composer sends templates while the window is open, too", async () => {
    offerTemplates(makeTemplate());
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await click("[title='More Actions'], [name='whatsapp-template']");
    await click(".o-dropdown-item:contains(Send an approved template), [name='whatsapp-template']");
    await contains(TEMPLATE_DIALOG);
});

test("the bar tells whose turn it is", async () => {
    const id = await openExpired();
    await says(BAR, "You can write again as soon as the customer does.");
    pushConversation(id, { awaits_answer: true });
    await says(BAR, "The template is sent");
    await contains(".o-whatsapp_omni-ConversationCard-awaits");
});

test("nobody restarts a colleague's conversation", async () => {
    await startWhatsappServer();
    const id = createConversation({
        state: "attended",
        owner_user_id: 9999,
        window_end: minutesAgo(1),
    });
    await openDesk(id);
    await contains(`${BAR}[data-state='colleague']`);
    await contains(`${BAR}-restart`, { count: 0 });
});
