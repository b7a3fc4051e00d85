// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// One message in the chat, and what can be done with it.

import { closeActions, showActions } from "./acting.js";
import { clockTime, dayName, h, icon, iconButton } from "./dom.js";
import { inbound } from "./inbound.js";
import { content, failureText, forwarded, note, reactions, sending, ticks } from "./message.js";
import { summary } from "./phones.js";
import { store } from "./store.js";
import { taps } from "./taps.js";
import { setQuote } from "./writing.js";

const EMOJI = ["👍", "❤️", "😂", "😮", "🙏", "🎉"];

/** Return a message as it stands in the chat. */
export function bubble(message) {
    const mine = message.direction === "in";
    const sticker = message.type === "sticker";
    const line = h("div", {
        class: `line ${mine ? "mine" : "theirs"} ${sending(message)}`,
        "data-day": dayName(message.time),
        "data-key": message.key,
    });
    const box = h(
        "div",
        {
            class: `bubble ${sticker ? "bare" : ""}`,
            tabindex: "0",
            "aria-label": `${mine ? "You" : "Business"}: ${summary(message)}`,
        },
        quoteOf(message),
        content(message),
        h(
            "div",
            { class: "meta" },
            note(message),
            h("time", {}, clockTime(message.time)),
            mine ? ticks(message) : null
        ),
        reactions(message)
    );
    line.append(box, actions(message));
    line.append(...taps(message));
    if (message.error) {
        line.append(h("p", { class: "failure" }, icon("warning"), failureText(message)));
    }
    box.addEventListener("click", (event) => {
        if (!event.target.closest("button, a, audio, video, img, summary")) {
            showActions(line);
        }
    });
    box.addEventListener("keydown", (event) => {
        if (event.target === box && event.key === "Enter") {
            showActions(line, true);
        }
    });
    return line;
}

function quoteOf(message) {
    const key = message.context?.key;
    if (!message.context || (!key && !message.context.msgId && !message.context.wa_id)) {
        return forwarded(message);
    }
    const target = store.messages.get(key);
    const jump = () => {
        const line = document.querySelector(`.line[data-key="${CSS.escape(key)}"]`);
        line?.scrollIntoView({ block: "center", behavior: "smooth" });
        line?.classList.add("flash");
        setTimeout(() => line?.classList.remove("flash"), 1200);
    };
    return h(
        "button",
        { type: "button", class: "quote", onclick: jump, "aria-label": "Quoted message" },
        h(
            "strong",
            {},
            target
                ? target.direction === "in"
                    ? "You"
                    : store.currentApp?.name
                : "Earlier message"
        ),
        h("span", {}, target ? summary(target).replace(/^You: /, "") : "no longer here")
    );
}

function actions(message) {
    const react = EMOJI.map((emoji) =>
        h(
            "button",
            {
                type: "button",
                "aria-label": `React with ${emoji}`,
                "aria-pressed": String(message.reactions.customer === emoji),
                onclick: () => sendReaction(message, emoji),
            },
            emoji
        )
    );
    return h(
        "div",
        { class: "actions", role: "toolbar", "aria-label": "Answer or react" },
        iconButton("reply", "Reply", () => setQuote(message)),
        react
    );
}

function sendReaction(message, emoji) {
    closeActions();
    const off = message.reactions.customer === emoji;
    inbound({ type: "reaction", emoji: off ? "" : emoji, target: message.key });
}
