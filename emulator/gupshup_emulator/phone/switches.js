// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The panel's switches: faults and receipts.

import { call, h } from "./dom.js";
import { plan } from "./panel_body.js";
import { store } from "./store.js";

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

const same = (one, two) => JSON.stringify(one) === JSON.stringify(two);
/** Tell whether a switch is not as usual. */
export const differs = (row) => !same(row.value, row.default);
const title = (name) => {
    const words = name
        .replaceAll("_", " ")
        .replace(/\b(http|gs|wa|uuid)\b/g, (word) => word.toUpperCase());
    return words[0].toUpperCase() + words.slice(1);
};
const set = (name, value) => call("PATCH", "/control/faults", { [name]: value });

export function buildFaults() {
    return [
        head(store.switches.filter((row) => row.group !== "Receipts")),
        presets(PRESETS),
        ...groups((group) => group !== "Receipts"),
    ];
}

export function buildReceipts() {
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
