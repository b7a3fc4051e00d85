// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// Buttons, lists and links of the business's messages.

import { locationDialog } from "./cards.js";
import { h, icon } from "./dom.js";
import { inbound } from "./inbound.js";
import { dialog } from "./phones.js";

/** Return what the customer can tap on below a message. */
export function taps(message) {
    if (message.direction === "in" || message.error) {
        return [];
    }
    const rows = (message.view.buttons ?? []).map((button, index) =>
        tapButton(message, button, index)
    );
    if (message.view.list) {
        rows.push(
            h(
                "button",
                { type: "button", class: "tap", onclick: () => openList(message) },
                icon("list"),
                message.view.list.button
            )
        );
    }
    return rows.length ? [h("div", { class: "taps" }, rows)] : [];
}

function tapButton(message, button, index) {
    if (button.kind === "url") {
        return h(
            "a",
            {
                class: "tap",
                href: safeLink(button.url),
                target: "_blank",
                rel: "noopener noreferrer",
            },
            icon("link"),
            button.title
        );
    }
    if (button.kind === "location") {
        return h(
            "button",
            { type: "button", class: "tap", onclick: () => locationDialog(message) },
            icon("pin"),
            button.title
        );
    }
    const plain = button.kind !== "reply";
    return h(
        "button",
        { type: "button", class: "tap", disabled: plain, onclick: () => tap(message, index) },
        plain ? null : icon("reply"),
        button.title
    );
}

function safeLink(url) {
    return /^https?:\/\//.test(url) ? url : "#";
}

function openList(message) {
    const { sections } = message.view.list;
    let index = 0;
    dialog(message.view.list.button, (close) =>
        h(
            "div",
            { class: "list-rows" },
            sections.map((section) => [
                section.title
                    ? h(
                          "h3",
                          {},
                          section.title,
                          section.subtitle ? h("small", {}, ` ${section.subtitle}`) : null
                      )
                    : null,
                section.options.map((option) => {
                    const own = index++;
                    const choose = () => {
                        tap(message, own);
                        close();
                    };
                    return h(
                        "button",
                        { type: "button", onclick: choose },
                        h("span", { class: "name" }, option.title),
                        option.description ? h("span", { class: "sub" }, option.description) : null
                    );
                }),
            ]),
            h(
                "div",
                { class: "buttons" },
                h("span", { class: "gap" }),
                h("button", { type: "button", class: "quiet", onclick: close }, "Cancel")
            )
        )
    );
}

const tap = (message, option) =>
    inbound({ type: "tap", option, context: { gs_id: message.gs_id } });
