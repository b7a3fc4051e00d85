import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { press, queryOne } from "@odoo/hoot-dom";
import { asyncStep, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import {
    CONVERSATION,
    FILL,
    makeParameter,
    makeTemplate,
    offerTemplates,
    PREVIEW,
    refuse,
    says,
    PICKER,
    VISIT,
} from "./outgoing_helpers";
import {
    BAR,
    card,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const SEND = `${PICKER}-confirm`;

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
    return `${PICKER} [role='option'][data-name='${name}']`;
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
    await contains(PICKER, { count: 0 });
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
    await contains(`${PICKER}-search:focus`);
    await insertText(`${PICKER}-search`, "esperamos");
    await contains(`${PICKER} [role='option']`, { count: 1 });
    await press("Enter");
    await contains(`${FILL}-value:eq(0):focus`, { value: "Lucía" });
    await says(PREVIEW, "Hola Lucía, le esperamos el {{2}}");
    await contains(`${SEND}:disabled`);
    await says(PICKER, "Fill in “Body {{2}}”.");
    await insertText(`${FILL}-value:eq(1)`, "martes");
    await says(PREVIEW, "Hola Lucía, le esperamos el martes");
    await click(`${SEND}:enabled`);
    await waitForSteps([`send 2 ["Lucía","martes"] in ${id}`]);
});

test("arrows move in the list", async () => {
    offerTemplates(makeTemplate(), VISIT);
    await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${PICKER}-search:focus`);
    await press("ArrowDown");
    await contains(`${option("again")}[aria-selected='true']`);
    await press("ArrowDown");
    await contains(`${option("visit_reminder")}[aria-selected='true']`);
    await press("ArrowUp");
    await contains(`${option("again")}[aria-selected='true']`);
});

test("a template without variables takes three keys", async () => {
    offerTemplates(makeTemplate(), VISIT);
    const id = await openExpired();
    await contains(`${BAR}-restart`);
    queryOne(card(id)).focus();
    await press("/");
    await contains(`${PICKER}-search:focus`);
    await press("ArrowDown");
    await press("Enter");
    await waitForSteps([`send 1 [] in ${id}`]);
    await contains(PICKER, { count: 0 });
});

test("while the window is closed nothing but templates is listed", async () => {
    offerTemplates(makeTemplate(), VISIT);
    onRpc("whatsapp_omni.message.template", "get_quick_replies", () => asyncStep("asked"));
    await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${PICKER} [role='option']`, { count: 2 });
    await contains(`${PICKER}-filter`, { count: 0 });
    await contains(`${PICKER}-new`, { count: 0 });
    await waitForSteps([]);
});

test("Enter after the last value leads to the button that sends", async () => {
    offerTemplates(VISIT);
    await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${PICKER}-search:focus`);
    await press("Enter");
    await contains(`${FILL}-value:eq(0):focus`);
    await press("Enter");
    await contains(`${FILL}-value:eq(1):focus`);
    await insertText(`${FILL}-value:eq(1)`, "martes");
    await press("Enter");
    await contains(`${SEND}:focus`);
});

test("what the server refuses is said, and nothing is lost", async () => {
    offerTemplates(VISIT);
    await openExpired();
    refuse(CONVERSATION, "action_send_template", "WhatsApp has paused it.");
    await click(`${BAR}-restart`);
    await insertText(`${FILL}-value:eq(1)`, "martes");
    await click(`${SEND}:enabled`);
    await says(`${PICKER} .alert`, "WhatsApp has paused it.");
    await contains(`${FILL}-value:eq(1)`, { value: "martes" });
});

test("a file is asked for where the template has none", async () => {
    offerTemplates(makeTemplate({ header_kind: "image" }));
    await openExpired();
    await click(`${BAR}-restart`);
    await contains(`${SEND}:disabled`);
    await says(PICKER, "Choose the file that goes above the text.");
    await contains(`${FILL}-upload`);
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
    await says(PICKER, "No approved template is offered here");
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
    const id = await openExpired({ window_end: minutesAgo(-600) });
    await click("[name='whatsapp-quick-replies']");
    await click(`${PICKER}-filter[data-filter='templates']`);
    await says(PREVIEW, "¿Seguimos?");
    await click(`${SEND}:enabled`);
    await waitForSteps([`send 1 [] in ${id}`]);
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
