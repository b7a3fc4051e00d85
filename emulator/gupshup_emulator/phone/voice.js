// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// Recording a voice message.

import { icon, iconButton, toast } from "./dom.js";
import { fileInput, sendFile } from "./files.js";

export const micButton = iconButton("mic", "Record a voice message", toggleRecording);
let recorder = null;

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
