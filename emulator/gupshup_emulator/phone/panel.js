// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The panel: traffic, faults, receipts, clock.

import { buildClock, tick } from "./clock.js";
import { h } from "./dom.js";
import { body, fill, plan } from "./panel_body.js";
import { store } from "./store.js";
import { buildFaults, buildReceipts, differs } from "./switches.js";
import { buildTraffic } from "./traffic.js";

const TABS = [
    ["traffic", "Traffic", buildTraffic],
    ["faults", "Faults", buildFaults],
    ["receipts", "Receipts", buildReceipts],
    ["clock", "Clock", buildClock],
];

const root = document.getElementById("panel");
const buttons = new Map();
let tab = "traffic";

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
    fill(TABS.find(([key]) => key === name)[2]);
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
