// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The panel's clock: the time, the windows, and events that need no customer.

import { call, duration, h, longTime, number, toast } from "./dom.js";
import { chatKey, store } from "./store.js";

const HOUR = 3600;

const now = h("strong", { class: "big-clock" });
const offset = h("span", { class: "sub" });
const countdowns = new Map();

export function buildClock() {
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

/** Let the time and the countdowns go on. */
export function tick() {
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
