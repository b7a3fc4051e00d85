// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The menu of what else can be sent.

import { contactDialog, locationDialog } from "./cards.js";
import { h, icon, iconButton } from "./dom.js";
import { pickFiles } from "./files.js";
import { inbound } from "./inbound.js";

const UNUSUAL = [
    ["Poll (unsupported type)", { type: "unsupported" }],
    ["Unknown type", { type: "unknown" }],
    ["First opening of the chat", { type: "request_welcome" }],
    [
        "Text from an advertisement",
        {
            type: "text",
            text: "Hi, I saw your ad",
            referral: {
                source_type: "ad",
                source_id: "120210000000000000",
                headline: "Autumn sale",
                ctwa_clid: "sample-click",
            },
        },
    ],
    [
        "The same text delivered twice",
        { type: "text", text: "Sent once, delivered twice", times: 2 },
    ],
];

export const attachMenu = h("div", { class: "menu", role: "menu", hidden: true });
export const attachButton = iconButton("attach", "Attach", toggleMenu, {
    "aria-haspopup": "menu",
    "aria-expanded": "false",
});

/** Put the menu together. */
export function fillMenu() {
    const rows = [
        ["image", "Photo or video", () => pickFiles("image/*,video/*", "")],
        ["file", "Document", () => pickFiles("", "file")],
        ["pin", "Location", () => locationDialog(null)],
        ["person", "Contact card", contactDialog],
        ["sticker", "Sticker (sample)", () => inbound({ type: "sticker" })],
        ["mic", "Voice message (sample)", () => inbound({ type: "audio" })],
    ];
    attachMenu.append(
        ...rows.map(([name, label, run]) => menuItem(label, run, icon(name))),
        h("div", { class: "menu-title" }, "Unusual"),
        ...UNUSUAL.map(([label, spec]) => menuItem(label, () => inbound(spec)))
    );
    attachMenu.addEventListener("keydown", menuKey);
}

function menuItem(label, run, ...before) {
    const choose = () => {
        closeMenu();
        run();
    };
    return h("button", { type: "button", role: "menuitem", onclick: choose }, before, label);
}

function menuKey(event) {
    const items = [...attachMenu.querySelectorAll("button")];
    const index = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
        event.preventDefault();
        items[(index + step + items.length) % items.length].focus();
    } else if (event.key === "Escape") {
        closeMenu();
        attachButton.focus();
    }
}

function toggleMenu() {
    if (!attachMenu.hidden) {
        closeMenu();
        return;
    }
    attachMenu.hidden = false;
    attachButton.setAttribute("aria-expanded", "true");
    attachMenu.querySelector("button").focus();
}

/** Close the menu. */
export function closeMenu() {
    attachMenu.hidden = true;
    attachButton.setAttribute("aria-expanded", "false");
}
