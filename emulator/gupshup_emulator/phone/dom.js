// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// Small helpers: elements, icons, texts, times, calls to the emulator.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. `on…` properties are listeners, `class` and the rest attributes. */
export function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (value === null || value === undefined || value === false) {
            continue;
        }
        if (name.startsWith("on")) {
            element.addEventListener(name.slice(2), value);
        } else if (name === "value" || name === "checked") {
            element[name] = value;
        } else {
            element.setAttribute(name, value === true ? "" : value);
        }
    }
    element.append(...children.flat(3).filter((child) => child || child === 0));
    return element;
}

const PATHS = {
    send: ["M4 12 20 4l-5 16-3.5-6.5z", "M11.5 13.5 20 4"],
    attach: ["M12 5v14", "M5 12h14"],
    mic: [
        "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z",
        "M5 11a7 7 0 0 0 14 0",
        "M12 18v3",
    ],
    stop: ["M7 7h10v10H7z"],
    close: ["M6 6l12 12", "M18 6 6 18"],
    reply: ["M10 7 4 12l6 5", "M4 12h9a7 7 0 0 1 7 7"],
    smile: [
        "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
        "M8.5 14.5a4.5 4.5 0 0 0 7 0",
        "M9 9.5v.5",
        "M15 9.5v.5",
    ],
    list: ["M9 6h11", "M9 12h11", "M9 18h11", "M4.5 6h.01", "M4.5 12h.01", "M4.5 18h.01"],
    link: ["M14 5h5v5", "M19 5 10 14", "M17 14v5H5V7h5"],
    file: ["M7 3h7l4 4v14H7z", "M14 3v4h4"],
    download: ["M12 4v11", "m7 11 5 5 5-5", "M5 20h14"],
    pin: [
        "M12 21s-7-6.3-7-11a7 7 0 0 1 14 0c0 4.7-7 11-7 11z",
        "M12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
    ],
    person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4 21a8 8 0 0 1 16 0"],
    image: ["M4 5h16v14H4z", "m4 16 5-5 4 4 3-3 4 4", "M15.5 9.5h.01"],
    more: ["M12 5.5v.01", "M12 12v.01", "M12 18.5v.01"],
    phone: [
        "M8 2.5h8a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5z",
        "M11 18.5h2",
    ],
    chat: ["M4 5h16v11H10l-5 4v-4H4z"],
    tools: [
        "M4 7h10",
        "M18 7h2",
        "M4 17h2",
        "M10 17h10",
        "M16 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
        "M8 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
    ],
    back: ["m14 6-6 6 6 6"],
    sticker: ["M5 5h14v9l-5 5H5z", "M14 19v-5h5"],
    clock: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7v5l3 2"],
    warning: ["M12 4 2.5 20h19z", "M12 10v4", "M12 17v.01"],
    tick: ["m5 12.5 4.5 4.5L19 7"],
    ticks: ["m2 12.5 4.5 4.5L15 7", "m11 16 1 1 9.5-10"],
    video: ["M4 6h11v12H4z", "m15 11 5-3v8l-5-3"],
};

/** Make a line icon; it is decoration, so name its button. */
export function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.classList.add("icon");
    for (const d of PATHS[name]) {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", d);
        svg.append(path);
    }
    return svg;
}

/** Make a button with an icon and a name for everybody. */
export function iconButton(name, label, onclick, properties = {}) {
    return h(
        "button",
        {
            type: "button",
            class: "icon-button",
            "aria-label": label,
            title: label,
            onclick,
            ...properties,
        },
        icon(name)
    );
}

/** Show a short notice at the bottom. */
export function toast(text, kind = "info") {
    const note = h("div", { class: `toast ${kind}` }, text);
    document.getElementById("toasts").append(note);
    setTimeout(() => note.remove(), 5000);
}

/** Call the emulator; a refusal becomes a notice and `null`. */
export async function call(method, path, body) {
    try {
        const raw = body instanceof Blob || body === undefined;
        const answer = await fetch(path, { method, body: raw ? body : JSON.stringify(body) });
        const result = await answer.json();
        if (answer.ok) {
            return result;
        }
        toast(result.error || `HTTP ${answer.status}`, "error");
    } catch {
        toast("The emulator cannot be reached.", "error");
    }
    return null;
}

// Texts

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)]/;
const MARKS = [
    [/```([\s\S]+?)```/, (found) => h("code", { class: "block" }, found[1])],
    [/`([^`\n]+)`/, (found) => h("code", {}, found[1])],
    [
        LINK,
        (found) =>
            h("a", { href: found[0], target: "_blank", rel: "noopener noreferrer" }, found[0]),
    ],
    [
        /(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*[^\s*])\*(?![\p{L}\p{N}*])/u,
        (found) => h("strong", {}, format(found[1])),
    ],
    [
        /(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*[^\s_])_(?![\p{L}\p{N}_])/u,
        (found) => h("em", {}, format(found[1])),
    ],
    [
        /(?<![\p{L}\p{N}~])~(?=\S)([^~\n]*[^\s~])~(?![\p{L}\p{N}~])/u,
        (found) => h("s", {}, format(found[1])),
    ],
];

/** Turn WhatsApp's marks (*bold*, _italics_, ~strike~, `code`) into nodes. */
export function format(text) {
    let first = null;
    for (const [pattern, make] of MARKS) {
        const found = pattern.exec(text);
        if (found && (!first || found.index < first.found.index)) {
            first = { found, make };
        }
    }
    if (!first) {
        return text ? [text] : [];
    }
    const { found, make } = first;
    const before = text.slice(0, found.index);
    return [before, make(found), ...format(text.slice(found.index + found[0].length))].filter(
        Boolean
    );
}

function initials(name) {
    const words = name
        .replace(/\(.*\)/, "")
        .replace(/[^\p{L}\p{N} ]/gu, "")
        .trim()
        .split(/\s+/);
    return (
        words
            .slice(0, 2)
            .map((word) => word[0] || "")
            .join("")
            .toUpperCase() || "#"
    );
}

/** Give a phone its own hue, always the same. */
function hue(text) {
    let value = 7;
    for (const char of text) {
        value = (value * 31 + char.codePointAt(0)) % 360;
    }
    return value;
}

export function avatar(phone) {
    const circle = h(
        "span",
        { class: "avatar", "aria-hidden": "true" },
        initials(phone.name || phone.key)
    );
    circle.style.setProperty("--hue", hue(phone.key));
    return circle;
}

export function number(phone) {
    if (!phone.phone) {
        return phone.user_id;
    }
    return `+${phone.phone.replace(/^(1|7|\d{2})(\d{3})(\d{3})(\d+)$/, "$1 $2 $3 $4")}`;
}

export function size(bytes) {
    if (!bytes) {
        return "";
    }
    if (bytes < 1024) {
        return `${bytes} B`;
    }
    if (bytes < 1024 * 1024) {
        return `${Math.round(bytes / 1024)} KB`;
    }
    return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

// Times (epoch seconds)

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const EXACT = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 2,
});
const LONG = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

export const clockTime = (seconds) => CLOCK.format(seconds * 1000);
export const dayName = (seconds) => DAY.format(seconds * 1000);
export const exactTime = (seconds) => EXACT.format(seconds * 1000);
export const longTime = (seconds) => LONG.format(seconds * 1000);

export function duration(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const pad = (value) => String(value).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    return `${hours}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

// JSON

/** Show a value as indented, coloured JSON whose objects fold. */
export function tree(value, name = null, depth = 0) {
    const label = name === null ? [] : [h("span", { class: "key" }, name), ": "];
    if (value === null || typeof value !== "object") {
        const kind = value === null ? "null" : typeof value;
        return h(
            "div",
            { class: "leaf" },
            label,
            h("span", { class: kind }, JSON.stringify(value) ?? "—")
        );
    }
    const entries = Object.entries(value);
    const [open, close] = Array.isArray(value) ? "[]" : "{}";
    if (!entries.length) {
        return h("div", { class: "leaf" }, label, open + close);
    }
    const hint = h("span", { class: "hint" }, `${open} ${entries.length} ${close}`);
    return h(
        "details",
        { open: depth < 5 },
        h("summary", {}, label, hint),
        entries.map(([key, item]) => tree(item, key, depth + 1))
    );
}
