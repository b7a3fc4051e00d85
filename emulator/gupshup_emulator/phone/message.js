// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// What one message shows: its content, ticks, reactions. It knows nothing of the chat.

import { avatar, format, h, icon, size } from "./dom.js";
import { dialog } from "./phones.js";

export function sending(message) {
    if (message.direction === "in") {
        return "";
    }
    if (message.error) {
        return "failed";
    }
    return ["accepted", "enqueued", "sent"].includes(message.state) ? "under-way" : "";
}

export function failureText(message) {
    return `Not delivered: ${message.error.code ?? "no code"} ${message.error.reason ?? ""}`;
}

export function note(message) {
    if (message.direction === "in") {
        return null;
    }
    const words = { accepted: "accepted", enqueued: "enqueued", sent: "sent" }[message.state];
    return words ? h("span", { class: "state" }, words) : null;
}

export function ticks(message) {
    const [name, label] = {
        sent: ["tick", "Sent"],
        delivered: ["ticks", "The business's program took it"],
        read: ["ticks", "Read"],
        refused: ["warning", "The business's program did not take it"],
    }[message.state] ?? ["tick", message.state];
    return h(
        "span",
        { class: `ticks ${message.state}`, title: label, role: "img", "aria-label": label },
        icon(name)
    );
}

export function forwarded(message) {
    return message.context?.forwarded ? h("div", { class: "forwarded" }, "Forwarded") : null;
}

export function content(message) {
    const view = message.view;
    const parts = [];
    if (view.header) {
        parts.push(h("div", { class: "header" }, view.header));
    }
    if (message.media) {
        parts.push(media(message));
    }
    if (view.location) {
        parts.push(placeCard(view.location));
    }
    for (const contact of view.contacts ?? []) {
        parts.push(contactCard(contact));
    }
    const text = view.text || view.caption;
    if (text) {
        parts.push(h("div", { class: "text" }, format(text)));
    }
    if (view.detail) {
        parts.push(h("div", { class: "footer" }, view.detail));
    }
    if (view.footer) {
        parts.push(h("div", { class: "footer" }, view.footer));
    }
    if (view.note) {
        parts.push(h("div", { class: "text note" }, view.note));
    }
    if (!parts.length) {
        parts.push(h("div", { class: "text note" }, message.type));
    }
    return parts;
}

function media(message) {
    const info = message.media;
    if (info.status === "pending") {
        return h("div", { class: "media-wait" }, icon("clock"), "Loading the file…");
    }
    if (info.status === "failed") {
        return h(
            "div",
            { class: "media-wait bad" },
            icon("warning"),
            "The file could not be fetched."
        );
    }
    const address = `/phone/media/${encodeURIComponent(info.id)}`;
    const type = info.mime_type || "";
    if (info.kind === "sticker") {
        return h("img", { class: "sticker", src: address, alt: "Sticker", loading: "lazy" });
    }
    if (info.kind === "image") {
        return h(
            "button",
            {
                type: "button",
                class: "picture",
                "aria-label": "Open the photo",
                onclick: () => openPicture(address, message.view.caption),
            },
            h("img", { src: address, alt: message.view.caption || "Photo", loading: "lazy" })
        );
    }
    if (info.kind === "video") {
        return h("video", { src: address, controls: true, preload: "metadata" });
    }
    if (info.kind === "audio") {
        return h("audio", { src: address, controls: true, preload: "metadata" });
    }
    return h(
        "a",
        { class: "document", href: `${address}?download=1`, download: info.name || "file" },
        icon("file"),
        h(
            "span",
            { class: "who" },
            h("span", { class: "name" }, info.name || "Document"),
            h(
                "span",
                { class: "sub" },
                [size(info.size), type.split("/").pop().split(";")[0]].filter(Boolean).join(" · ")
            )
        ),
        icon("download")
    );
}

function openPicture(address, caption) {
    dialog("Photo", (close) =>
        h(
            "div",
            { class: "lightbox" },
            h("img", { src: address, alt: caption || "Photo" }),
            caption ? h("p", {}, caption) : null,
            h(
                "div",
                { class: "buttons" },
                h("span", { class: "gap" }),
                h("button", { type: "button", class: "primary", onclick: close }, "Close")
            )
        )
    );
}

function placeCard(location) {
    const { latitude, longitude } = location;
    const address = `https://www.openstreetmap.org/?mlat=${encodeURIComponent(latitude)}&mlon=${encodeURIComponent(longitude)}#map=16/${encodeURIComponent(latitude)}/${encodeURIComponent(longitude)}`;
    return h(
        "a",
        { class: "place", href: address, target: "_blank", rel: "noopener noreferrer" },
        h("span", { class: "map" }, icon("pin")),
        h(
            "span",
            { class: "who" },
            h("span", { class: "name" }, location.name || "Location"),
            h("span", { class: "sub" }, location.address || `${latitude}, ${longitude}`)
        )
    );
}

function contactCard(contact) {
    return h(
        "div",
        { class: "contact" },
        avatar({ key: contact.name, name: contact.name }),
        h(
            "span",
            { class: "who" },
            h("span", { class: "name" }, contact.name || "Contact"),
            contact.company ? h("span", { class: "sub" }, contact.company) : null,
            contact.phones.map((digits) => h("span", { class: "sub" }, digits))
        )
    );
}

export function reactions(message) {
    const all = Object.values(message.reactions);
    return all.length
        ? h(
              "div",
              { class: "reactions", "aria-label": `Reactions: ${all.join(" ")}` },
              all.join(" ")
          )
        : null;
}
