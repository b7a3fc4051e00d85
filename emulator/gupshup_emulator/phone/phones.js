// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The list of phones, and the dialogs to add, change and remove one.

import { avatar, call, clockTime, h, icon, iconButton, number } from "./dom.js";
import { chatKey, store } from "./store.js";

const SHOWN = 200;
const SEARCH_FROM = 9;
const KINDS = {
    image: "Photo",
    video: "Video",
    audio: "Voice message",
    sticker: "Sticker",
    file: "Document",
    location: "Location",
    contact: "Contact",
};

let filter = "";
const root = document.getElementById("phones");
const list = h("ul", { class: "phone-list" });
const search = h("input", {
    type: "search",
    placeholder: "Search phones",
    "aria-label": "Search phones",
    oninput: () => {
        filter = search.value.toLowerCase();
        render();
    },
});
const live = h("span", { class: "live", role: "status" });

/** Put the list together. */
export function start() {
    root.append(
        h(
            "header",
            { class: "side-head" },
            h("h1", {}, "Phones"),
            live,
            iconButton("attach", "Add a phone", () => phoneDialog(null), {
                class: "icon-button strong",
            })
        ),
        search,
        list,
        h(
            "footer",
            { class: "side-foot" },
            h(
                "button",
                { type: "button", class: "quiet", onclick: confirmReset },
                "Reset everything"
            )
        )
    );
    for (const name of ["phones", "all"]) {
        store.addEventListener(name, render);
    }
    store.addEventListener("live", showLive);
    showLive();
}

function showLive() {
    live.textContent = store.live ? "live" : "connecting…";
    live.classList.toggle("on", store.live);
}

function render() {
    const phones = [...store.phones.values()].filter(fits);
    phones.sort((one, two) => lastTime(two) - lastTime(one));
    search.hidden = store.phones.size < SEARCH_FROM;
    const rows = phones.slice(0, SHOWN).map(row);
    if (!rows.length) {
        rows.push(
            h(
                "li",
                { class: "empty" },
                filter ? "No phone fits." : "No phones yet. Add one to start."
            )
        );
    }
    if (phones.length > SHOWN) {
        rows.push(h("li", { class: "empty" }, `and ${phones.length - SHOWN} more`));
    }
    const focused = document.activeElement?.closest?.("[data-phone]")?.dataset.phone;
    list.replaceChildren(...rows);
    if (focused) {
        list.querySelector(`[data-phone="${CSS.escape(focused)}"]`)?.focus();
    }
}

function fits(phone) {
    return `${phone.name} ${phone.phone} ${phone.user_id}`.toLowerCase().includes(filter);
}

const last = (phone) => store.last.get(chatKey(store.app, phone.key));
const lastTime = (phone) => last(phone)?.time ?? 0;

function row(phone) {
    const message = last(phone);
    const unseen = store.unseen.get(chatKey(store.app, phone.key))?.size ?? 0;
    const current = phone.key === store.phone;
    return h(
        "li",
        {},
        h(
            "button",
            {
                type: "button",
                class: "phone-row",
                "data-phone": phone.key,
                "aria-current": current ? "true" : null,
                onclick: () => open(phone),
            },
            avatar(phone),
            h(
                "span",
                { class: "who" },
                h("span", { class: "name" }, phone.name || number(phone)),
                h("span", { class: "sub" }, message ? summary(message) : number(phone))
            ),
            h(
                "span",
                { class: "aside" },
                message ? h("time", {}, clockTime(message.time)) : null,
                unseen
                    ? h("span", { class: "badge", "aria-label": `${unseen} unread` }, unseen)
                    : null
            )
        )
    );
}

/** Say in a few words what a message holds. */
export function summary(message) {
    const view = message.view;
    const marked = view.text || view.caption || view.note || KINDS[message.type] || "Message";
    const text = marked.replace(/([*_~`])(\S|\S[^\n]*?\S)\1/g, "$2");
    return `${message.direction === "in" ? "You: " : ""}${text}`;
}

async function open(phone) {
    document.body.dataset.view = "chat";
    await store.openChat(phone.key);
}

// Dialogs

/** Show a modal dialog; `build(close)` returns its content. */
export function dialog(label, build) {
    const box = h("dialog", { "aria-label": label, onclose: () => box.remove() });
    box.append(
        h("h2", {}, label),
        build(() => box.close())
    );
    box.addEventListener("click", (event) => {
        if (event.target === box) {
            box.close();
        }
    });
    document.body.append(box);
    box.showModal();
    return box;
}

/** A labelled input in a dialog. */
export function field(label, properties, help = "") {
    const input = h("input", properties);
    return {
        input,
        row: h(
            "label",
            { class: "field" },
            h("span", {}, label),
            input,
            help ? h("small", {}, help) : null
        ),
    };
}

const NO_PHONE = { name: "", phone: "", user_id: "", read_receipts: true, blocked_apps: [] };

/** The dialog to add a phone (`null`), or to change one. */
export function phoneDialog(phone) {
    const fields = phoneFields(phone ?? NO_PHONE);
    if (phone) {
        fields.digits.input.disabled = true;
        fields.scoped.input.disabled = !phone.phone;
    }
    const submit = async (event, close) => {
        event.preventDefault();
        const result = await call("POST", "/control/phones", {
            name: fields.name.input.value.trim(),
            phone: fields.digits.input.value.replace(/[^\d]/g, ""),
            user_id: fields.scoped.input.value.trim(),
            read_receipts: fields.receipts.checked,
            blocked_apps: blockedApps(phone, fields.blocks.checked),
        });
        if (!result) {
            return;
        }
        close();
        store.phones.set(result.key, result);
        await open(result);
    };
    const check = (input, text) => h("label", { class: "check" }, input, h("span", {}, text));
    const removal = (close) =>
        h(
            "button",
            { type: "button", class: "danger", onclick: () => remove(phone, close) },
            "Remove"
        );

    dialog(phone ? "Change the phone" : "Add a phone", (close) =>
        h(
            "form",
            { onsubmit: (event) => submit(event, close) },
            fields.name.row,
            fields.digits.row,
            fields.scoped.row,
            check(fields.receipts, "Tells the business what was read"),
            check(fields.blocks, "Blocks the business: its messages stay at “sent”"),
            h(
                "div",
                { class: "buttons" },
                phone ? removal(close) : null,
                h("span", { class: "gap" }),
                h("button", { type: "button", class: "quiet", onclick: close }, "Cancel"),
                h("button", { type: "submit", class: "primary" }, phone ? "Save" : "Add")
            )
        )
    );
}

function phoneFields(phone) {
    const text = (value, placeholder, more = {}) => ({
        value: value ?? "",
        placeholder,
        autocomplete: "off",
        ...more,
    });
    return {
        name: field("Profile name", text(phone.name, "Marta")),
        digits: field(
            "Number",
            text(phone.phone, "+34 600 333 444", { inputmode: "tel" }),
            "With country code. May be empty when there is a user id."
        ),
        scoped: field(
            "Business-scoped user id",
            text(phone.user_id, "ES.1187345520091334"),
            "For customers who hide their number."
        ),
        receipts: h("input", { type: "checkbox", checked: phone.read_receipts }),
        blocks: h("input", {
            type: "checkbox",
            checked: phone.blocked_apps.includes(store.app),
        }),
    };
}

function blockedApps(phone, blocks) {
    const others = (phone?.blocked_apps ?? []).filter((app) => app !== store.app);
    return blocks ? [...others, store.app] : others;
}

async function remove(phone, close) {
    await call("DELETE", `/control/phones/${encodeURIComponent(phone.key)}`);
    close();
}

function confirmReset() {
    const reset = async (close) => {
        await call("POST", "/control/reset", {});
        close();
    };
    dialog("Reset everything?", (close) =>
        h(
            "div",
            {},
            h(
                "p",
                {},
                "All chats, added phones, faults and recorded traffic go, and so do subscriptions that were made through the API."
            ),
            h(
                "div",
                { class: "buttons" },
                h("span", { class: "gap" }),
                h("button", { type: "button", class: "quiet", onclick: close }, "Cancel"),
                h(
                    "button",
                    { type: "button", class: "danger", onclick: () => reset(close) },
                    "Reset"
                )
            )
        )
    );
}

/** Nothing but an icon for an empty stage. */
export const bigPhone = () => h("span", { class: "big-icon" }, icon("phone"));
