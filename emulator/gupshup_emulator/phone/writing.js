// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The line that one writes in, and what it quotes.

import { closeActions } from "./acting.js";
import { h, icon, iconButton } from "./dom.js";
import { summary } from "./phones.js";
import { store } from "./store.js";

export const input = h("textarea", {
    rows: "1",
    placeholder: "Write a message",
    "aria-label": "Message",
});
export const sendButton = h(
    "button",
    { type: "submit", class: "icon-button send", "aria-label": "Send", title: "Send" },
    icon("send")
);
export const quoteBar = h("div", { class: "quote-bar", hidden: true });

/** The message that is quoted, or null. */
export let quoted = null;

/** Quote this message in what is sent next; null for none. */
export function setQuote(message) {
    quoted = message;
    closeActions();
    quoteBar.hidden = !message;
    if (!message) {
        return;
    }
    quoteBar.replaceChildren(
        h(
            "span",
            { class: "who" },
            h("strong", {}, message.direction === "in" ? "You" : store.currentApp?.name),
            h("span", { class: "sub" }, summary(message).replace(/^You: /, ""))
        ),
        iconButton("close", "Do not quote", () => setQuote(null))
    );
    input.focus();
}

/** Make the line as high as its text; nothing written cannot be sent. */
export function fitInput() {
    input.style.height = "auto";
    // The border is not part of the scroll height; without it the line would scroll.
    const border = input.offsetHeight - input.clientHeight;
    input.style.height = `${Math.min(input.scrollHeight + border, 132)}px`;
    sendButton.disabled = !input.value.trim();
}
