import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/** Two soft notes, and a pause: [begins at, hertz], in seconds. */
const NOTES = [
    [0, 659.25],
    [0.22, 880],
];
const NOTE_LENGTH = 0.45;
const PERIOD = 2.4;
const VOLUME = 0.18;

/**
 * A bell for conversations that are offered. The whole of it is handed to the audio
 * clock at once: the timers of a page that nobody looks at are too slow for a rhythm.
 */
export class Ringtone {
    /** @type {AudioContext|undefined} */
    context;
    /** @type {GainNode|undefined} */
    volume;

    /** @param {number} seconds how long it rings unless it is stopped */
    play(seconds) {
        this.stop();
        if (!browser.AudioContext && !window.AudioContext) {
            return;
        }
        this.context ??= new window.AudioContext();
        // refused without a word until the page was clicked once
        this.context.resume().catch(() => {});
        this.volume = this.context.createGain();
        this.volume.gain.value = VOLUME;
        this.volume.connect(this.context.destination);
        const start = this.context.currentTime + 0.05;
        for (let moment = 0; moment < seconds; moment += PERIOD) {
            for (const [offset, frequency] of NOTES) {
                this._strike(start + moment + offset, frequency);
            }
        }
    }

    _strike(moment, frequency) {
        const note = this.context.createOscillator();
        const loudness = this.context.createGain();
        note.frequency.value = frequency;
        loudness.gain.setValueAtTime(0, moment);
        loudness.gain.linearRampToValueAtTime(1, moment + 0.015);
        loudness.gain.exponentialRampToValueAtTime(0.001, moment + NOTE_LENGTH);
        note.connect(loudness).connect(this.volume);
        note.start(moment);
        note.stop(moment + NOTE_LENGTH);
    }

    stop() {
        this.volume?.disconnect();
        this.volume = undefined;
    }
}

const ringtoneService = {
    start() {
        return new Ringtone();
    },
};

registry.category("services").add("whatsapp_omni.ringtone", ringtoneService);
