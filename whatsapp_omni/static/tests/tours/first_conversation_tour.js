import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

import { expectStrokes, startCounting } from "@whatsapp_omni/../tests/tours/strokes";

const CALLBACK = "/whatsapp_omni/callback/test-callback-token";
const APP = "AcmeSupport";
const PHONE = "34600111222";

const CARD = ".o-whatsapp_omni-ConversationCard";
const STATUS = ".o-whatsapp_omni-MessageStatus";
const DIALOG = ".o-whatsapp_omni-CloseDialog";

/** Deliver what GupShup would. */
async function deliver(type, payload) {
    const response = await browser.fetch(CALLBACK, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ app: APP, timestamp: Date.now(), version: 2, type, payload }),
    });
    if (!response.ok) {
        throw new Error(`The callback was answered with ${response.status}`);
    }
}

function writeAsCustomer(id, text) {
    return deliver("message", {
        id,
        source: PHONE,
        type: "text",
        payload: { text },
        sender: { phone: PHONE, name: "Lucía" },
    });
}

function confirm(type, gsId) {
    return deliver("message-event", {
        id: "wamid.answer",
        gsId,
        type,
        destination: PHONE,
        payload: { ts: Math.floor(Date.now() / 1000) },
    });
}

registry.category("web_tour.tours").add("whatsapp_omni.first_conversation", {
    steps: () => [
        {
            content: "Nobody waits, until a customer writes",
            trigger: ".o-whatsapp_omni-EmptyState:contains(Nobody is waiting)",
            run: () => writeAsCustomer("wamid.first", "Hola, ¿abrís hoy?"),
        },
        {
            content: "The message is there without reloading; read it first",
            trigger: `${CARD}:contains(Hola, ¿abrís hoy?)`,
            run: "click",
        },
        {
            content: "It can be read, not answered",
            trigger: ".o-whatsapp_omni-ComposerBar[data-state='peek']",
        },
        {
            content: "What arrives meanwhile is read as well",
            trigger: ".o-mail-Message:contains(Hola, ¿abrís hoy?)",
            run: () => writeAsCustomer("wamid.second", "Es urgente"),
        },
        {
            trigger: ".o-mail-Message:contains(Es urgente)",
            run: () => startCounting(),
        },
        {
            content: "Take it",
            trigger: `${CARD}-capture`,
            run: "click",
        },
        {
            content: "One click, and the answer can be typed",
            trigger: ".o-mail-Composer-input:focus",
            run: () => expectStrokes(1),
        },
        {
            trigger: ".o-mail-Composer-input:focus",
            run: "edit Sí, hasta las 20",
        },
        {
            trigger: ".o-whatsapp_omni-Composer-counter:contains(16/4096)",
        },
        {
            trigger: ".o-mail-Composer-input:focus",
            run: "press Enter",
        },
        {
            content: "It is on its way",
            trigger: `.o-mail-Message:contains(Sí, hasta las 20) ${STATUS}`,
            run: () => confirm("delivered", "gs-1"),
        },
        {
            content: "The customer's phone has it",
            trigger: `${STATUS}[data-state='delivered']`,
            run: () => confirm("read", "gs-1"),
        },
        {
            trigger: `${STATUS}[data-state='read']`,
            run: () => startCounting(),
        },
        {
            content: "Close it with its result",
            trigger: ".o-whatsapp_omni-ConversationHeader-close",
            run: "click",
        },
        {
            trigger: `${DIALOG} [role='option']:contains(Solved here)`,
            run: "click",
        },
        {
            trigger: `${DIALOG}-confirm:enabled`,
            run: "click",
        },
        {
            content: "Three clicks, and it is off the list",
            trigger: ".o-whatsapp_omni-EmptyState:contains(You attend nobody)",
            run: () => expectStrokes(3),
        },
        {
            trigger: `body:not(:has(${CARD}))`,
        },
    ],
});

registry.category("web_tour.tours").add("whatsapp_omni.opened_by_address", {
    steps: () => [
        {
            content: "The address leads to the conversation",
            trigger: ".o-mail-Message:contains(Hola)",
        },
        {
            trigger: ".o-whatsapp_omni-ConversationHeader:contains(Lucía)",
        },
        {
            content: "Its customer and its past are beside it",
            trigger: ".o-whatsapp_omni-SidePanel:contains(+34 600 11 12 22)",
        },
        {
            trigger: ".o-whatsapp_omni-ComposerBar[data-state='closed']",
        },
    ],
});
