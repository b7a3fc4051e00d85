// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The phone in the middle: one chat with one business number.

import {
    avatar,
    call,
    clockTime,
    dayName,
    duration,
    h,
    icon,
    iconButton,
    number,
    toast,
} from "./dom.js";
import { content, failureText, forwarded, note, reactions, sending, ticks } from "./message.js";
import { bigPhone, dialog, field, phoneDialog, summary } from "./phones.js";
import { chatKey, store } from "./store.js";

const EMOJI = ["👍", "❤️", "😂", "😮", "🙏", "🎉"];
const NEAR_END = 120;
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

const root = document.getElementById("stage");
const log = h("div", { class: "log", role: "log", "aria-label": "Messages", tabindex: "-1" });
const head = h("header", { class: "chat-head" });
const windowChip = h("span", { class: "window-chip" });
const quoteBar = h("div", { class: "quote-bar", hidden: true });
const input = h("textarea", { rows: "1", placeholder: "Write a message", "aria-label": "Message" });
const fileInput = h("input", { type: "file", multiple: true, hidden: true });
const attachMenu = h("div", { class: "menu", role: "menu", hidden: true });
const attachButton = iconButton("attach", "Attach", toggleMenu, {
    "aria-haspopup": "menu",
    "aria-expanded": "false",
});
const micButton = iconButton("mic", "Record a voice message", toggleRecording);
const sendButton = h(
    "button",
    { type: "submit", class: "icon-button send", "aria-label": "Send", title: "Send" },
    icon("send")
);
const form = h(
    "form",
    { class: "composer", onsubmit: submit },
    attachButton,
    attachMenu,
    input,
    micButton,
    sendButton,
    fileInput
);
const screen = h("div", { class: "screen" }, head, log, quoteBar, form);
const empty = h(
    "div",
    { class: "stage-empty", hidden: true },
    bigPhone(),
    h("p", {}, "No phone chosen. Add one, or pick one from the list.")
);
const device = h("div", { class: "device" }, screen);

let quoted = null;
let recorder = null;
let elements = new Map();
let shownChat = "";

/** Put the phone together. */
export function start() {
    root.append(device, empty);
    input.addEventListener("input", fitInput);
    input.addEventListener("keydown", keyDown);
    input.addEventListener("paste", paste);
    fileInput.addEventListener("change", () => sendFiles([...fileInput.files]));
    fitInput();
    micButton.hidden = !(navigator.mediaDevices && window.MediaRecorder);
    fillMenu();
    dropTarget();
    document.addEventListener("click", (event) => {
        if (!attachMenu.hidden && !form.contains(event.target)) {
            closeMenu();
        }
        if (!event.target.closest?.(".bubble")) {
            closeActions();
        }
    });
    for (const name of ["all", "chat"]) {
        store.addEventListener(name, renderAll);
    }
    store.addEventListener("phones", renderHead);
    store.addEventListener("clock", renderWindow);
    store.addEventListener("message", (event) => renderMessage(event.detail));
    setInterval(renderWindow, 1000);
}

// Head

function renderHead() {
    const phone = store.currentPhone;
    const app = store.currentApp;
    device.hidden = !phone || !app;
    empty.hidden = !device.hidden;
    if (!phone || !app) {
        return;
    }
    const select = h(
        "select",
        {
            "aria-label": "Business number",
            onchange: () => store.openChat(store.phone, select.value),
        },
        [...store.apps.values()].map((row) => h("option", { value: row.app_id }, row.name))
    );
    select.value = app.app_id;
    head.replaceChildren(
        iconButton("back", "To the phones", () => (document.body.dataset.view = "phones"), {
            class: "icon-button back",
        }),
        avatar({ key: app.app_id, name: app.name }),
        h(
            "span",
            { class: "who" },
            store.apps.size > 1
                ? select
                : h("span", { class: "name", title: `+${app.number}` }, app.name),
            h("span", { class: "sub" }, `as ${phone.name || number(phone)}`)
        ),
        windowChip,
        iconButton("more", "Settings of this phone", () => phoneDialog(phone))
    );
    renderWindow();
}

function renderWindow() {
    const ends = store.windows.get(chatKey(store.app, store.phone));
    const left = (ends ?? 0) - store.now;
    const state = !ends ? "never" : left > 0 ? "open" : "shut";
    windowChip.dataset.state = state;
    windowChip.textContent =
        state === "open" ? duration(left) : state === "shut" ? "window shut" : "no window";
    windowChip.title = {
        never: "This customer never wrote: the business may send templates only.",
        open: "Time left in which the business may write freely.",
        shut: "More than 24 hours since the customer wrote: templates only.",
    }[state];
}

// Messages

function renderAll() {
    renderHead();
    const key = chatKey(store.app, store.phone);
    if (key !== shownChat) {
        setQuote(null);
        input.value = "";
        shownChat = key;
    }
    elements = new Map();
    log.replaceChildren();
    for (const message of store.messages.values()) {
        place(message);
    }
    if (!elements.size) {
        log.append(emptyNote());
    }
    log.scrollTop = log.scrollHeight;
}

function emptyNote() {
    return h(
        "div",
        { class: "empty-chat" },
        icon("chat"),
        h("p", {}, "No messages yet."),
        h(
            "p",
            { class: "sub" },
            "Write to the business: that opens the 24-hour window in which it may answer freely."
        )
    );
}

function renderMessage(message) {
    if (chatKey(message.app_id, message.phone) !== shownChat) {
        return;
    }
    const stick = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
    log.querySelector(".empty-chat")?.remove();
    place(message);
    if (stick || message.direction === "in") {
        log.scrollTop = log.scrollHeight;
    }
}

function place(message) {
    const known = elements.get(message.key);
    const element = bubble(message);
    elements.set(message.key, element);
    if (known) {
        const focused = known.contains(document.activeElement);
        known.replaceWith(element);
        if (focused) {
            element.querySelector(".bubble").focus();
        }
        return;
    }
    const day = dayName(message.time);
    const lastDay = log.lastElementChild?.dataset.day;
    if (day !== lastDay) {
        log.append(h("div", { class: "day", "data-day": day }, h("span", {}, day)));
    }
    log.append(element);
}

function bubble(message) {
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
        const line = elements.get(key);
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

// Buttons of messages

function taps(message) {
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

// What can be done with a message

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

function showActions(line, focus = false) {
    const open = line.classList.contains("acting");
    closeActions();
    if (open) {
        return;
    }
    line.classList.add("acting");
    if (focus) {
        line.querySelector(".actions button").focus();
    }
}

function closeActions() {
    for (const line of log.querySelectorAll(".acting")) {
        line.classList.remove("acting");
    }
}

function setQuote(message) {
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

// Sending

/** Let the open phone send something. */
async function inbound(spec) {
    const phone = store.currentPhone;
    const who = phone.phone ? { phone: phone.phone } : { user_id: phone.user_id };
    const context =
        quoted && spec.type !== "reaction" && !spec.context ? { context: { key: quoted.key } } : {};
    const result = await call("POST", "/control/inbound", {
        app: store.app,
        ...who,
        ...context,
        ...spec,
    });
    if (!result) {
        return false;
    }
    if (context.context) {
        setQuote(null);
    }
    if (!result.callbacks && spec.type !== "reaction") {
        warnNobodyListens();
    }
    return true;
}

let warned = false;

function warnNobodyListens() {
    if (warned) {
        return;
    }
    warned = true;
    toast("No program listens yet: this business number has no callback subscription.", "error");
}

async function submit(event) {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) {
        return;
    }
    input.value = "";
    fitInput();
    if (!(await inbound({ type: "text", text }))) {
        input.value = text;
    }
    fitInput();
}

function keyDown(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
    } else if (event.key === "Escape" && quoted) {
        setQuote(null);
    }
}

function fitInput() {
    input.style.height = "auto";
    // The border is not part of the scroll height; without it the line would scroll.
    const border = input.offsetHeight - input.clientHeight;
    input.style.height = `${Math.min(input.scrollHeight + border, 132)}px`;
    sendButton.disabled = !input.value.trim();
}

function paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) {
        return;
    }
    event.preventDefault();
    sendFiles(files);
}

async function sendFiles(files) {
    fileInput.value = "";
    const caption = files.length === 1 ? input.value.trim() : "";
    for (const file of files) {
        if ((await sendFile(file, caption)) && caption) {
            input.value = "";
            fitInput();
        }
    }
}

async function sendFile(file, caption = "") {
    const query = new URLSearchParams({ app: store.app, name: file.name || "file" });
    const stored = await call("POST", `/phone/upload?${query}`, file);
    if (!stored) {
        return false;
    }
    const type = fileInput.dataset.as === "file" ? "file" : kindOf(stored.mime_type);
    const takesCaption = !["audio", "sticker"].includes(type);
    return inbound({
        type,
        media: { id: stored.id, name: stored.name },
        ...(takesCaption && caption ? { caption } : {}),
    });
}

function kindOf(type) {
    if (type === "image/webp") {
        return "sticker";
    }
    const kind = type.split("/")[0];
    if (kind === "image" && !/jpeg|png/.test(type)) {
        return "file";
    }
    return ["image", "video", "audio"].includes(kind) ? kind : "file";
}

function dropTarget() {
    let depth = 0;
    const mark = (step) => {
        depth = Math.max(0, depth + step);
        device.classList.toggle("dropping", depth > 0);
    };
    device.addEventListener("dragenter", () => mark(1));
    device.addEventListener("dragleave", () => mark(-1));
    device.addEventListener("dragover", (event) => event.preventDefault());
    device.addEventListener("drop", (event) => {
        event.preventDefault();
        mark(-depth);
        fileInput.dataset.as = "";
        sendFiles([...event.dataTransfer.files]);
    });
}

// The menu

function fillMenu() {
    const pick = (accept, as) => () => {
        fileInput.accept = accept;
        fileInput.dataset.as = as;
        fileInput.click();
    };
    const rows = [
        ["image", "Photo or video", pick("image/*,video/*", "")],
        ["file", "Document", pick("", "file")],
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

function closeMenu() {
    attachMenu.hidden = true;
    attachButton.setAttribute("aria-expanded", "false");
}

function formDialog(label, rows, send) {
    dialog(label, (close) => {
        const submitForm = (event) => {
            event.preventDefault();
            send();
            close();
        };
        return h(
            "form",
            { onsubmit: submitForm },
            rows.map((row) => row.row),
            h(
                "div",
                { class: "buttons" },
                h("span", { class: "gap" }),
                h("button", { type: "button", class: "quiet", onclick: close }, "Cancel"),
                h("button", { type: "submit", class: "primary" }, "Send")
            )
        );
    });
}

function locationDialog(request) {
    const name = field("Name", { value: "Puerta del Sol" });
    const address = field("Address", { value: "Madrid" });
    const latitude = field("Latitude", { value: "40.4168", required: true, inputmode: "decimal" });
    const longitude = field("Longitude", {
        value: "-3.7038",
        required: true,
        inputmode: "decimal",
    });
    formDialog("Send a location", [name, address, latitude, longitude], () => {
        const location = {
            name: name.input.value,
            address: address.input.value,
            latitude: latitude.input.value,
            longitude: longitude.input.value,
        };
        inbound({
            type: "location",
            location,
            ...(request ? { context: { gs_id: request.gs_id } } : {}),
        });
    });
}

function contactDialog() {
    const name = field("Name", { value: "Ana Gil", required: true });
    const digits = field("Number", { value: "+34 600 22 33 44", required: true });
    formDialog("Send a contact card", [name, digits], () => {
        const [first, ...rest] = name.input.value.split(" ");
        const contact = {
            name: {
                first_name: first,
                last_name: rest.join(" "),
                formatted_name: name.input.value,
            },
            phones: [
                {
                    phone: digits.input.value,
                    type: "Mobile",
                    wa_id: digits.input.value.replace(/\D/g, ""),
                },
            ],
        };
        inbound({ type: "contact", contact });
    });
}

// Voice

async function toggleRecording() {
    if (recorder) {
        recorder.stop();
        return;
    }
    let stream;
    try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
        toast("No microphone can be used. The menu has a sample voice message.", "error");
        return;
    }
    const chunks = [];
    const type = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus"].find((name) =>
        MediaRecorder.isTypeSupported(name)
    );
    recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
    recorder.ondataavailable = (event) => chunks.push(event.data);
    recorder.onstop = () => {
        for (const track of stream.getTracks()) {
            track.stop();
        }
        const blob = new File(chunks, "voice", { type: recorder.mimeType });
        setRecording(false);
        fileInput.dataset.as = "";
        sendFile(blob);
    };
    recorder.start();
    setRecording(true);
}

function setRecording(on) {
    if (!on) {
        recorder = null;
    }
    micButton.classList.toggle("recording", on);
    micButton.replaceChildren(icon(on ? "stop" : "mic"));
    const label = on ? "Stop and send" : "Record a voice message";
    micButton.setAttribute("aria-label", label);
    micButton.title = label;
}
