import { inputFiles } from "@web/../tests/utils";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

import { expectStrokes, startCounting } from "@whatsapp_omni/../tests/tours/strokes";

const CALLBACK = "/whatsapp_omni/callback/test-callback-token";
const PHONE = "34600111222";
const PIXEL =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const BAR = ".o-whatsapp_omni-ComposerBar";
const FILL = ".o-whatsapp_omni-TemplateFill";
const PICKER = ".o-whatsapp_omni-MessagePicker";
const PARK = ".o-whatsapp_omni-ParkDialog";
const PARKED = ".o-whatsapp_omni-ParkedReplies";
const START = ".o-whatsapp_omni-StartDialog";
const PERSON = ".o-whatsapp_omni-PersonPicker";

/** Deliver what the customer writes now, as GupShup would. */
async function writeAsCustomer(id, text) {
    const response = await browser.fetch(CALLBACK, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
            app: "AcmeSupport",
            timestamp: Date.now(),
            version: 2,
            type: "message",
            payload: {
                id,
                source: PHONE,
                type: "text",
                payload: { text },
                sender: { phone: PHONE, name: "Lucía" },
            },
        }),
    });
    if (!response.ok) {
        throw new Error(`The callback was answered with ${response.status}`);
    }
}

registry.category("web_tour.tours").add("whatsapp_omni.restart_with_parked_reply", {
    steps: () => [
        {
            content: "The window is closed: a reply can be parked",
            trigger: `${BAR}[data-state='window']`,
        },
        { trigger: `${BAR}-park`, run: "click" },
        { trigger: `${PARK}-text`, run: "edit Su pedido está listo" },
        { trigger: `${PARK}-save:enabled`, run: "click" },
        {
            content: "It is shown above, and a template is asked for",
            trigger: `${PICKER} [data-name='again']`,
            run: "click",
        },
        { trigger: `${PICKER}-confirm:enabled`, run: "click" },
        {
            trigger: ".o-mail-Message:contains(¿Seguimos?)",
        },
        {
            content: "Now the customer has to answer",
            trigger: `${BAR}:contains(The template is sent)`,
        },
        {
            content: "Until then it can be changed",
            trigger: `${PARKED}-reply:contains(Su pedido está listo) ${PARKED}-edit`,
            run: "click",
        },
        { trigger: `${PARK}-text`, run: "edit Su pedido sale mañana" },
        { trigger: `${PARK}-save:enabled`, run: "click" },
        {
            trigger: `${PARKED}-text:contains(Su pedido sale mañana)`,
            run: () => writeAsCustomer("wamid.answer", "Sí, díganme"),
        },
        {
            content: "The agent is told",
            trigger: ".o_notification:contains(Lucía has answered)",
        },
        {
            content: "It leaves by itself, and the composer is back",
            trigger: ".o-mail-Message:contains(Su pedido sale mañana)",
        },
        { trigger: ".o-mail-Composer-input" },
        { trigger: `body:not(:has(${PARKED}))` },
    ],
});

registry.category("web_tour.tours").add("whatsapp_omni.restart_in_three_clicks", {
    steps: () => [
        { trigger: `${BAR}-restart`, run: () => startCounting() },
        { trigger: `${BAR}-restart`, run: "click" },
        { trigger: `${PICKER} [data-name='again']`, run: "click" },
        { trigger: `${PICKER}-confirm:enabled`, run: "click" },
        {
            trigger: ".o-mail-Message:contains(¿Seguimos?)",
            run: () => expectStrokes(3),
        },
    ],
});

registry.category("web_tour.tours").add("whatsapp_omni.template_with_image", {
    steps: () => [
        { trigger: `${BAR}-restart`, run: "click" },
        { trigger: `${PICKER}-search`, run: "edit oferta" },
        {
            content: "It is found by its text",
            trigger: `${PICKER} [data-name='offer']`,
            run: "click",
        },
        {
            content: "The customer's name is proposed",
            trigger: `.o-whatsapp_omni-WhatsappPreview-body:contains(Hola Lucía)`,
        },
        {
            content: "What is missing is said",
            trigger: `${PICKER}:contains(Fill in) ${PICKER}-confirm:disabled`,
        },
        { trigger: `${FILL}-value:eq(1)`, run: "edit 20 %" },
        { trigger: `.o-whatsapp_omni-WhatsappPreview-body:contains(Hola Lucía, oferta: 20 %)` },
        {
            trigger: `${FILL}-upload`,
            run: async () => {
                const bytes = Uint8Array.from(atob(PIXEL), (char) => char.charCodeAt(0));
                await inputFiles(`${FILL} .o_input_file`, [
                    new File([bytes], "photo.png", { type: "image/png" }),
                ]);
            },
        },
        { trigger: `.o-whatsapp_omni-WhatsappPreview-picture` },
        { trigger: `${PICKER}-confirm:enabled`, run: "click" },
        {
            trigger: ".o-mail-Message:contains(Hola Lucía, oferta: 20 %) .o-mail-AttachmentImage",
        },
    ],
});

registry.category("web_tour.tours").add("whatsapp_omni.new_conversation", {
    steps: () => [
        { trigger: ".o-whatsapp_omni-ConversationList-start", run: "click" },
        { trigger: `${PERSON}-search`, run: "edit 600 99 98 88" },
        { trigger: `${PERSON}-create`, run: "click" },
        { trigger: `${PERSON}-new select`, run: "selectByLabel Spain" },
        { trigger: `${PERSON}-number`, run: "edit 600" },
        { trigger: `${PERSON}-use`, run: "click" },
        {
            content: "What is no number of the country is refused at once",
            trigger: `${PERSON}-number.is-invalid`,
            run: "edit 600 99 98 88",
        },
        { trigger: `${PERSON}-use`, run: "click" },
        { trigger: `${PERSON}-chosen:contains(+34 600 99 98 88)` },
        { trigger: `${START} [data-name='again']`, run: "click" },
        { trigger: `${START}-send:enabled`, run: "click" },
        {
            content: "It is on the desk, the sender's own",
            trigger: ".o-whatsapp_omni-ConversationHeader:contains(+34 600 99 98 88)",
        },
        { trigger: ".o-mail-Message:contains(¿Seguimos?)" },
        {
            content: "Nothing else can be said until the customer answers",
            trigger: `${BAR}[data-state='window']:contains(The customer has not written yet)`,
        },
        {
            content: "A second one is refused, with a way to the first",
            trigger: ".o-whatsapp_omni-ConversationList-start",
            run: "click",
        },
        { trigger: `${PERSON}-search`, run: "edit 600999888" },
        { trigger: `${PERSON}-person:contains(+34 600 99 98 88)`, run: "click" },
        { trigger: `${START} [data-name='again']`, run: "click" },
        { trigger: `${START}-send:enabled`, run: "click" },
        { trigger: `${START}-error:contains(You have an open conversation)` },
        { trigger: `${START}-follow`, run: "click" },
        { trigger: `body:not(:has(${START}))` },
        { trigger: ".o-mail-Message:contains(¿Seguimos?)" },
    ],
});

registry.category("web_tour.tours").add("whatsapp_omni.write_to_a_selection", {
    steps: () => [
        { trigger: "thead .o_list_record_selector input", run: "click" },
        { trigger: ".o_cp_action_menus .dropdown-toggle:has(.fa-cog)", run: "click" },
        { trigger: ".o_menu_item:contains(WhatsApp: Write)", run: "click" },
        { trigger: `${START} [data-name='hello']`, run: "click" },
        { trigger: `${START}-send:enabled`, run: "click" },
        { trigger: `${START}-results:contains(1 of 2 were sent)` },
        { trigger: `${START}-results:contains(Tour Dos has no phone number)` },
    ],
});
