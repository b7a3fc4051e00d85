// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// Files that the open phone sends.

import { call, h } from "./dom.js";
import { inbound } from "./inbound.js";
import { store } from "./store.js";
import { fitInput, input } from "./writing.js";

export const fileInput = h("input", { type: "file", multiple: true, hidden: true });

/** Let the person choose files to send; `as` is "file" for what is to be a document. */
export function pickFiles(accept, as) {
    fileInput.accept = accept;
    fileInput.dataset.as = as;
    fileInput.click();
}

/** Send files, a single one with what is written as its caption. */
export async function sendFiles(files) {
    fileInput.value = "";
    const caption = files.length === 1 ? input.value.trim() : "";
    for (const file of files) {
        if ((await sendFile(file, caption)) && caption) {
            input.value = "";
            fitInput();
        }
    }
}

/** Send a file; return whether that went well. */
export async function sendFile(file, caption = "") {
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
