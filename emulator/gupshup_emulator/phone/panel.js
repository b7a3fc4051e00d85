// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The panel: traffic, faults, receipts, clock.

import { call, duration, exactTime, h, icon, longTime, number, toast, tree } from "./dom.js";
import { chatKey, store } from "./store.js";

const TABS = [
    ["traffic", "Traffic", buildTraffic],
    ["faults", "Faults", buildFaults],
    ["receipts", "Receipts", buildReceipts],
    ["clock", "Clock", buildClock],
];
const HOUR = 3600;

const root = document.getElementById("panel");
const body = h("div", { class: "panel-body", role: "tabpanel", tabindex: "0" });
const buttons = new Map();
let tab = "traffic";
let onlyChat = false;
let chosen = null;
let planned = false;

/** Put the panel together. */
export function start() {
    const bar = h("div", { class: "tabs", role: "tablist", "aria-label": "Controls" });
    for (const [name, label] of TABS) {
        const button = h(
            "button",
            { type: "button", role: "tab", id: `tab-${name}`, onclick: () => show(name) },
            label
        );
        buttons.set(name, button);
        bar.append(button);
    }
    bar.addEventListener("keydown", tabKey);
    root.append(bar, body);
    for (const [name, tabs] of [
        ["all", null],
        ["traffic", ["traffic"]],
        ["faults", ["faults", "receipts"]],
        ["clock", ["clock"]],
        ["phones", ["clock"]],
        ["subscriptions", ["traffic"]],
    ]) {
        store.addEventListener(name, () => (!tabs || tabs.includes(tab)) && plan());
    }
    store.addEventListener("faults", markTabs);
    store.addEventListener("all", markTabs);
    setInterval(() => tab === "clock" && tick(), 1000);
    show("traffic");
}

function tabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) {
        return;
    }
    const names = TABS.map(([name]) => name);
    const next = names[(names.indexOf(tab) + step + names.length) % names.length];
    show(next);
    buttons.get(next).focus();
}

function show(name) {
    tab = name;
    for (const [key, button] of buttons) {
        button.setAttribute("aria-selected", String(key === name));
        button.tabIndex = key === name ? 0 : -1;
    }
    body.setAttribute("aria-labelledby", `tab-${name}`);
    body.dataset.tab = name;
    render();
    body.scrollTop = 0;
}

function plan() {
    if (planned) {
        return;
    }
    planned = true;
    requestAnimationFrame(() => {
        planned = false;
        render();
    });
}

function render() {
    // Someone who types in a field of the panel keeps it.
    const focused = document.activeElement;
    if (body.contains(focused) && focused.matches("input:not([type=checkbox]), select")) {
        return;
    }
    const mark = focused?.dataset?.mark;
    const scroll = [...body.querySelectorAll("[data-scroll]")].map((part) => [
        part.dataset.scroll,
        part.scrollTop,
    ]);
    const top = body.scrollTop;
    body.replaceChildren(...TABS.find(([name]) => name === tab)[2]());
    body.scrollTop = top;
    for (const [name, value] of scroll) {
        const part = body.querySelector(`[data-scroll="${name}"]`);
        if (part) {
            part.scrollTop = value;
        }
    }
    if (mark) {
        body.querySelector(`[data-mark="${CSS.escape(mark)}"]`)?.focus();
    }
}

function markTabs() {
    const marks = { faults: false, receipts: false };
    for (const row of store.switches) {
        if (differs(row)) {
            marks[row.group === "Receipts" ? "receipts" : "faults"] = true;
        }
    }
    for (const [name, on] of Object.entries(marks)) {
        buttons.get(name).classList.toggle("changed", on);
    }
}

// Traffic

function buildTraffic() {
    const requests = [...store.requests.values()].filter(ofChat).reverse();
    const callbacks = [...store.callbacks.values()].filter(ofChat).reverse();
    const detail = chosen && (store.requests.get(chosen) || store.callbacks.get(chosen));
    return [
        listeners(),
        h(
            "label",
            { class: "check small" },
            h("input", {
                type: "checkbox",
                checked: onlyChat,
                "data-mark": "only",
                onchange: (event) => ((onlyChat = event.target.checked), plan()),
            }),
            h("span", {}, "Only this chat")
        ),
        h(
            "div",
            { class: `columns ${detail ? "with-detail" : ""}` },
            column(
                "requests",
                "Requests",
                "from the program",
                requests.map(requestRow),
                "Nothing yet: the program has not called the emulator."
            ),
            column(
                "callbacks",
                "Callbacks",
                "to the program",
                callbacks.map(callbackRow),
                "Nothing yet: write something on a phone."
            )
        ),
        detail ? detailBox(detail) : null,
    ].filter(Boolean);
}

function listeners() {
    const subs = store.subscriptions.filter((sub) => sub.appId === store.app);
    if (!subs.length) {
        return h(
            "p",
            { class: "hint-box" },
            "No program listens. Start the emulator with ",
            h("code", {}, "--callback"),
            ", or let the program create a subscription."
        );
    }
    const rows = subs.map((sub) =>
        h(
            "li",
            { class: sub.active ? "" : "off" },
            h("span", { class: "tag" }, `V${sub.version}`),
            h("span", { class: "address", title: sub.url }, sub.url),
            sub.active ? null : h("span", { class: "sub" }, "off")
        )
    );
    return h("ul", { class: "listeners", "aria-label": "Subscriptions" }, rows);
}

function ofChat(row) {
    if (!onlyChat) {
        return true;
    }
    const phone = store.currentPhone;
    const names = [phone?.key, phone?.phone, phone?.wa_id, phone?.user_id].filter(Boolean);
    return names.includes(row.phone) || names.includes(row.form?.destination);
}

function column(name, title, sub, rows, nothing) {
    return h(
        "section",
        { "aria-label": title },
        h("h2", {}, title, h("small", {}, sub)),
        h(
            "div",
            { class: "rows", "data-scroll": name },
            rows.length ? rows : h("p", { class: "empty" }, nothing)
        )
    );
}

function trafficRow(row, label, sub, status, kind) {
    const pick = () => {
        chosen = chosen === row.id ? null : row.id;
        plan();
    };
    return h(
        "button",
        {
            type: "button",
            class: "traffic-row",
            "data-mark": row.id,
            "aria-pressed": String(chosen === row.id),
            onclick: pick,
        },
        h("span", { class: "label" }, label),
        h("span", { class: `status ${kind}` }, status),
        h("span", { class: "sub" }, sub)
    );
}

function requestRow(row) {
    const bad = row.status === null || row.status >= 400;
    const template = row.path.includes("/template/");
    const what =
        row.scope === "send"
            ? template
                ? "template"
                : row.form?.message?.type || "message"
            : row.scope;
    const label = row.scope === "send" ? `send ${what}` : `${row.method} ${what}`;
    return trafficRow(
        row,
        label,
        `${exactTime(row.time)} · ${Math.round(row.latency_ms)} ms`,
        row.status ?? "dropped",
        bad ? "bad" : "good"
    );
}

function callbackRow(row) {
    const last = row.attempts.at(-1);
    const kind =
        { delivered: "good", failed: "bad", dropped: "bad" }[row.state] ?? (last ? "bad" : "wait");
    const status = last ? (last.status ?? "no answer") : "…";
    const again = row.attempts.length > 1 ? ` · ×${row.attempts.length}` : "";
    const time = last ? ` · ${Math.round(last.latency_ms)} ms` : "";
    return trafficRow(row, row.event, `${exactTime(row.time)}${time}${again}`, status, kind);
}

function detailBox(row) {
    const rest = { ...row };
    delete rest.id;
    const copy = async () => {
        await navigator.clipboard?.writeText(JSON.stringify(row.body ?? rest, null, 2));
        toast("Copied.");
    };
    const close = () => {
        chosen = null;
        plan();
    };
    return h(
        "section",
        { class: "detail", "aria-label": "Details" },
        h(
            "header",
            {},
            h("h2", {}, row.event ?? `${row.method} ${row.path}`),
            h(
                "button",
                { type: "button", class: "quiet", onclick: copy, "data-mark": "copy" },
                "Copy"
            ),
            h(
                "button",
                {
                    type: "button",
                    class: "icon-button",
                    "aria-label": "Close the details",
                    onclick: close,
                    "data-mark": "close",
                },
                icon("close")
            )
        ),
        h("div", { class: "json", "data-scroll": "json" }, tree(rest))
    );
}

// Switches

const same = (one, two) => JSON.stringify(one) === JSON.stringify(two);
const differs = (row) => !same(row.value, row.default);
const title = (name) => {
    const words = name
        .replaceAll("_", " ")
        .replace(/\b(http|gs|wa|uuid)\b/g, (word) => word.toUpperCase());
    return words[0].toUpperCase() + words.slice(1);
};
const PRESETS = [
    ["429 once", { http_status: 429, http_status_times: 1 }],
    ["Server errors", { http_status: 503 }],
    ["Lost answer, once", { drop: "after_accept", drop_times: 1 }],
    ["Slow answers", { latency: 8 }],
    ["Shuffled callbacks", { shuffle: true, duplicate_callbacks: 1 }],
    ["Files gone", { media_gone: true }],
];
const RECEIPT_PRESETS = [
    ["Backwards", { receipt_order: ["read", "delivered", "sent", "enqueued"] }],
    ["Twice", { duplicate_receipts: 1 }],
    ["Fail the next", { fail_code: 131049, fail_times: 1 }],
    ["Low wallet", { fail_code: 1003 }],
    ["Failed, then delivered", { fail_then_delivered: true }],
    ["Reads at once", { auto_read: true }],
];
const set = (name, value) => call("PATCH", "/control/faults", { [name]: value });

function buildFaults() {
    return [
        head(store.switches.filter((row) => row.group !== "Receipts")),
        presets(PRESETS),
        ...groups((group) => group !== "Receipts"),
    ];
}

function buildReceipts() {
    return [
        head(store.switches.filter((row) => row.group === "Receipts")),
        presets(RECEIPT_PRESETS),
        ...groups((group) => group === "Receipts"),
    ];
}

function presets(rows) {
    const pills = rows.map(([label, switches]) =>
        h(
            "button",
            {
                type: "button",
                "data-mark": label,
                onclick: () => call("PATCH", "/control/faults", switches),
            },
            label
        )
    );
    return h("section", { "aria-label": "Presets" }, h("div", { class: "moves presets" }, pills));
}

function head(rows) {
    const changed = rows.filter(differs);
    const reset = () =>
        call(
            "PATCH",
            "/control/faults",
            Object.fromEntries(changed.map((row) => [row.name, null]))
        );
    return h(
        "div",
        { class: "switch-head" },
        h("span", {}, changed.length ? `${changed.length} changed` : "All as usual"),
        changed.length
            ? h(
                  "button",
                  { type: "button", class: "quiet", "data-mark": "reset", onclick: reset },
                  "Back to usual"
              )
            : null
    );
}

function groups(wanted) {
    const names = [...new Set(store.switches.map((row) => row.group))].filter(wanted);
    return names.map((name) =>
        h(
            "section",
            { class: "switches", "aria-label": name },
            h("h2", {}, name),
            store.switches.filter((row) => row.group === name).map(switchRow)
        )
    );
}

function switchRow(row) {
    const id = `switch-${row.name}`;
    const changed = differs(row);
    return h(
        "div",
        { class: `switch ${row.kind} ${changed ? "changed" : ""}` },
        h("label", { for: id, class: "name" }, title(row.name)),
        control(row, id),
        h("p", { id: `${id}-help` }, row.help)
    );
}

function control(row, id) {
    const common = { id, "data-mark": id, "aria-describedby": `${id}-help` };
    if (row.kind === "bool") {
        return h("input", {
            ...common,
            type: "checkbox",
            role: "switch",
            checked: row.value,
            onchange: (event) => set(row.name, event.target.checked),
        });
    }
    if (row.kind === "choice") {
        return choice(row, common);
    }
    if (row.kind === "delays") {
        return delays(row, common);
    }
    const numeric = row.kind === "int" || row.kind === "number";
    const read = (text) => {
        if (text.trim() === "") {
            return null;
        }
        if (numeric) {
            return Number(text);
        }
        return row.kind === "order"
            ? text
                  .split(",")
                  .map((part) => part.trim())
                  .filter(Boolean)
            : text;
    };
    const change = async (event) => {
        event.target.blur();
        if (!(await set(row.name, read(event.target.value)))) {
            plan();
        }
    };
    const value = Array.isArray(row.value) ? row.value.join(", ") : (row.value ?? "");
    return h("input", {
        ...common,
        type: numeric ? "number" : "text",
        min: "0",
        step: row.kind === "number" ? "any" : "1",
        value,
        placeholder: row.default ?? "off",
        onchange: change,
    });
}

function choice(row, common) {
    const choices = row.default === null ? [null, ...row.choices] : row.choices;
    const select = h(
        "select",
        {
            ...common,
            onchange: () => {
                select.blur();
                set(row.name, choices[select.selectedIndex]);
            },
        },
        choices.map((item) =>
            h("option", {}, item === null ? "off" : String(item).replaceAll("_", " "))
        )
    );
    select.selectedIndex = choices.findIndex((item) => item === row.value);
    return select;
}

function delays(row, common) {
    const fields = Object.entries(row.value).map(([status, seconds], index) => {
        const change = (event) => {
            event.target.blur();
            set(row.name, { ...row.value, [status]: Number(event.target.value) || 0 });
        };
        const id = index ? {} : common;
        return h(
            "label",
            {},
            status,
            h("input", {
                ...id,
                "data-mark": `delay-${status}`,
                type: "number",
                min: "0",
                step: "0.1",
                value: seconds,
                onchange: change,
            })
        );
    });
    return h("div", { class: "delay-fields" }, fields);
}

// Clock

const now = h("strong", { class: "big-clock" });
const offset = h("span", { class: "sub" });
const countdowns = new Map();

function buildClock() {
    const move = (label, seconds) =>
        h(
            "button",
            {
                type: "button",
                "data-mark": label,
                onclick: () => call("POST", "/control/clock", { advance: seconds }),
            },
            label
        );
    const back = h(
        "button",
        {
            type: "button",
            class: "quiet",
            "data-mark": "real",
            onclick: () => call("POST", "/control/clock", { offset: 0 }),
        },
        "Real time"
    );
    countdowns.clear();
    const rows = [...store.phones.values()].map(windowRow);
    tick();
    return [
        h("section", { class: "clock-box", "aria-label": "Clock" }, now, offset),
        h(
            "div",
            { class: "moves" },
            move("+1 h", HOUR),
            move("+23 h", 23 * HOUR),
            move("+24 h", 24 * HOUR),
            move("+7 d", 7 * 24 * HOUR),
            back
        ),
        h(
            "p",
            { class: "explain" },
            "Moves the emulator's clock: windows shut, media links expire, timestamps move on. Your computer's clock stays."
        ),
        h(
            "section",
            { "aria-label": "Windows" },
            h("h2", {}, "24-hour windows", h("small", {}, store.currentApp?.name ?? "")),
            h("ul", { class: "windows" }, rows)
        ),
        h("section", { "aria-label": "Events" }, h("h2", {}, "Send an event"), eventButtons()),
    ];
}

function windowRow(phone) {
    const left = h("span", { class: "window-chip" });
    countdowns.set(phone.key, left);
    return h("li", {}, h("span", { class: "name" }, phone.name || number(phone)), left);
}

function tick() {
    now.textContent = longTime(store.now);
    offset.textContent = store.offset
        ? `${store.offset > 0 ? "+" : "−"}${duration(Math.abs(store.offset))} from real time`
        : "real time";
    for (const [key, chip] of countdowns) {
        const ends = store.windows.get(chatKey(store.app, key));
        const left = (ends ?? 0) - store.now;
        chip.dataset.state = !ends ? "never" : left > 0 ? "open" : "shut";
        chip.textContent = !ends ? "never wrote" : left > 0 ? duration(left) : "shut";
    }
}

function eventButtons() {
    const phone = store.currentPhone;
    const rows = [
        ["Connectivity check", "/control/platform-check", {}],
        ["Limit lowered", "/control/account-event", {}],
        ["Marketing stopped", "/control/preference-event", { phone: phone?.key, value: "stop" }],
        ["Marketing resumed", "/control/preference-event", { phone: phone?.key, value: "resume" }],
    ];
    const send = async (path, extra) => {
        const result = await call("POST", path, { app: store.app, ...extra });
        if (result) {
            toast(
                result.deliveries.length
                    ? result.delivered
                        ? "Delivered."
                        : "Not taken by the program."
                    : "Nobody listens."
            );
        }
    };
    return h(
        "div",
        { class: "moves" },
        rows.map(([label, path, extra]) =>
            h(
                "button",
                { type: "button", "data-mark": label, onclick: () => send(path, extra) },
                label
            )
        )
    );
}
