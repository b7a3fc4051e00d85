// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The composer: line, menu, microphone, files.

import { attachButton, attachMenu, closeMenu, fillMenu } from "./attach_menu.js";
import { h } from "./dom.js";
import { fileInput, sendFiles } from "./files.js";
import { inbound } from "./inbound.js";
import { micButton } from "./voice.js";
import { fitInput, input, quoted, sendButton, setQuote } from "./writing.js";

export const form = h(
    "form",
    { class: "composer", onsubmit: submit },
    attachButton,
    attachMenu,
    input,
    micButton,
    sendButton,
    fileInput
);

/** Put the composer together. */
export function start() {
    input.addEventListener("input", fitInput);
    input.addEventListener("keydown", keyDown);
    input.addEventListener("paste", paste);
    fileInput.addEventListener("change", () => sendFiles([...fileInput.files]));
    fitInput();
    micButton.hidden = !(navigator.mediaDevices && window.MediaRecorder);
    fillMenu();
    document.addEventListener("click", (event) => {
        if (!attachMenu.hidden && !form.contains(event.target)) {
            closeMenu();
        }
    });
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

function paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) {
        return;
    }
    event.preventDefault();
    sendFiles(files);
}

/** Send what is dropped on the phone. */
export function dropTarget(device) {
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
