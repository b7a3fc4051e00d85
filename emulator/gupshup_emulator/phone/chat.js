// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The phone in the middle: one chat with one business number.

import { closeActions } from "./acting.js";
import { bubble } from "./bubble.js";
import * as composer from "./composer.js";
import { avatar, dayName, duration, h, icon, iconButton, number } from "./dom.js";
import { bigPhone, phoneDialog } from "./phones.js";
import { chatKey, store } from "./store.js";
import { input, quoteBar, setQuote } from "./writing.js";

const NEAR_END = 120;

const root = document.getElementById("stage");
const log = h("div", { class: "log", role: "log", "aria-label": "Messages", tabindex: "-1" });
const head = h("header", { class: "chat-head" });
const windowChip = h("span", { class: "window-chip" });
const screen = h("div", { class: "screen" }, head, log, quoteBar, composer.form);
const empty = h(
    "div",
    { class: "stage-empty", hidden: true },
    bigPhone(),
    h("p", {}, "No phone chosen. Add one, or pick one from the list.")
);
const device = h("div", { class: "device" }, screen);

let elements = new Map();
let shownChat = "";

/** Put the phone together. */
export function start() {
    root.append(device, empty);
    composer.start();
    composer.dropTarget(device);
    document.addEventListener("click", (event) => {
        if (!event.target.closest?.(".bubble")) {
            closeActions();
        }
    });
    for (const name of ["all", "chat"]) {
        store.addEventListener(name, renderAll);
    }
    store.addEventListener("phones", renderHead);
    store.addEventListener("clock", renderWindow);
    store.addEventListener("message", (event) => renderMessage(event.detail));
    setInterval(renderWindow, 1000);
}

// Head

function renderHead() {
    const phone = store.currentPhone;
    const app = store.currentApp;
    device.hidden = !phone || !app;
    empty.hidden = !device.hidden;
    if (!phone || !app) {
        return;
    }
    const select = h(
        "select",
        {
            "aria-label": "Business number",
            onchange: () => store.openChat(store.phone, select.value),
        },
        [...store.apps.values()].map((row) => h("option", { value: row.app_id }, row.name))
    );
    select.value = app.app_id;
    head.replaceChildren(
        iconButton("back", "To the phones", () => (document.body.dataset.view = "phones"), {
            class: "icon-button back",
        }),
        avatar({ key: app.app_id, name: app.name }),
        h(
            "span",
            { class: "who" },
            store.apps.size > 1
                ? select
                : h("span", { class: "name", title: `+${app.number}` }, app.name),
            h("span", { class: "sub" }, `as ${phone.name || number(phone)}`)
        ),
        windowChip,
        iconButton("more", "Settings of this phone", () => phoneDialog(phone))
    );
    renderWindow();
}

function renderWindow() {
    const ends = store.windows.get(chatKey(store.app, store.phone));
    const left = (ends ?? 0) - store.now;
    const state = !ends ? "never" : left > 0 ? "open" : "shut";
    windowChip.dataset.state = state;
    windowChip.textContent =
        state === "open" ? duration(left) : state === "shut" ? "window shut" : "no window";
    windowChip.title = {
        never: "This customer never wrote: the business may send templates only.",
        open: "Time left in which the business may write freely.",
        shut: "More than 24 hours since the customer wrote: templates only.",
    }[state];
}

// Messages

function renderAll() {
    renderHead();
    const key = chatKey(store.app, store.phone);
    if (key !== shownChat) {
        setQuote(null);
        input.value = "";
        shownChat = key;
    }
    elements = new Map();
    log.replaceChildren();
    for (const message of store.messages.values()) {
        place(message);
    }
    if (!elements.size) {
        log.append(emptyNote());
    }
    log.scrollTop = log.scrollHeight;
}

function emptyNote() {
    return h(
        "div",
        { class: "empty-chat" },
        icon("chat"),
        h("p", {}, "No messages yet."),
        h(
            "p",
            { class: "sub" },
            "Write to the business: that opens the 24-hour window in which it may answer freely."
        )
    );
}

function renderMessage(message) {
    if (chatKey(message.app_id, message.phone) !== shownChat) {
        return;
    }
    const stick = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
    log.querySelector(".empty-chat")?.remove();
    place(message);
    if (stick || message.direction === "in") {
        log.scrollTop = log.scrollHeight;
    }
}

function place(message) {
    const known = elements.get(message.key);
    const element = bubble(message);
    elements.set(message.key, element);
    if (known) {
        const focused = known.contains(document.activeElement);
        known.replaceWith(element);
        if (focused) {
            element.querySelector(".bubble").focus();
        }
        return;
    }
    const day = dayName(message.time);
    const lastDay = log.lastElementChild?.dataset.day;
    if (day !== lastDay) {
        log.append(h("div", { class: "day", "data-day": day }, h("span", {}, day)));
    }
    log.append(element);
}
