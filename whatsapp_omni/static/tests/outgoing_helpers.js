import { contains } from "@mail/../tests/mail_test_helpers";
import { makeServerError, onRpc } from "@web/../tests/web_test_helpers";

export const CONVERSATION = "whatsapp_omni.conversation";
export const PARKED = "whatsapp_omni.parked.reply";

export const FILL = ".o-whatsapp_omni-TemplateFill";
export const PICKER = ".o-whatsapp_omni-MessagePicker";
export const PARK_DIALOG = ".o-whatsapp_omni-ParkDialog";
export const PARKED_REPLY = ".o-whatsapp_omni-ParkedReplies-reply";
export const START_DIALOG = ".o-whatsapp_omni-StartDialog";
export const PERSON = ".o-whatsapp_omni-PersonPicker";
export const PREVIEW = ".o-whatsapp_omni-WhatsappPreview";

/** Return a template as the server describes it. */
export function makeTemplate(values = {}) {
    return {
        id: 1,
        name: "again",
        language: "es",
        category: "UTILITY",
        header_kind: false,
        header: "",
        body: "¿Seguimos?",
        footer: "",
        buttons: [],
        parameters: [],
        file: false,
        ...values,
    };
}

/** Return a variable of a body as the server describes it. */
export function makeParameter(name, values = {}) {
    return {
        place: "body",
        name,
        label: `Body {{${name}}}`,
        source: "text",
        sample: "",
        value: "",
        ...values,
    };
}

export const VISIT = makeTemplate({
    id: 2,
    name: "visit_reminder",
    body: "Hola {{1}}, le esperamos el {{2}}",
    parameters: [
        makeParameter("1", { source: "customer_name", value: "Lucía" }),
        makeParameter("2", { sample: "lunes" }),
    ],
});

/** Have the server offer these templates, in a conversation and for a new one. */
export function offerTemplates(...templates) {
    onRpc(CONVERSATION, "get_templates", () => templates);
    onRpc(CONVERSATION, "get_start_templates", () => templates);
}

/** Have the server refuse a method, saying why. */
export function refuse(model, method, message, extra = {}) {
    onRpc(model, method, () => {
        throw makeServerError({ message, ...extra });
    });
}

/** Wait for an element that says this, among other things. */
export function says(selector, text) {
    return contains(`${selector}:contains("${text}")`);
}
