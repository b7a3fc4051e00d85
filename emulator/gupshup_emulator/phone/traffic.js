// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The panel's traffic: what the program asked for, and what it was told.

import { exactTime, h, icon, toast, tree } from "./dom.js";
import { plan } from "./panel_body.js";
import { store } from "./store.js";

let onlyChat = false;
let chosen = null;

export function buildTraffic() {
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
