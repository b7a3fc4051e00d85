import { fields, Record } from "@mail/core/common/record";

import { browser } from "@web/core/browser/browser";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";

/** A conversation that rings at this agent. */
export class WhatsappOffer extends Record {
    static id = "id";

    /** @type {number} of the conversation */
    id;
    conversation = fields.One(CONVERSATION_MODEL, { inverse: "offer" });
    agent = fields.One("WhatsappAgent", {
        compute() {
            return this.store.whatsappAgent;
        },
        inverse: "offers",
        eager: true,
    });
    /** How long it rings here, in seconds. */
    seconds = 0;
    /** When it stops, by the clock of this page. */
    endMs = 0;
    /** Whether the server has still to hear of our answer. */
    isAnswering = false;
    /** The agent's last question before it rang: the answer to an older one omits it. */
    question = 0;
    /** @type {number|undefined} */
    timeoutId;

    /** @param {number} seconds that are left */
    ring(seconds) {
        browser.clearTimeout(this.timeoutId);
        this.seconds = Math.max(this.seconds, seconds);
        this.endMs = Date.now() + seconds * 1000;
        this.timeoutId = browser.setTimeout(() => this.agent.settle(this), seconds * 1000);
    }

    /** @override */
    delete() {
        browser.clearTimeout(this.timeoutId);
        return super.delete(...arguments);
    }

    /** Whether there is something to show: it may have been closed meanwhile. */
    get isShown() {
        return Boolean(this.conversation?.isUntaken) && !this.isAnswering;
    }

    /**
     * @param {number} nowMs
     * @returns {number} seconds
     */
    left(nowMs) {
        return Math.max(0, Math.ceil((this.endMs - nowMs) / 1000));
    }
}

WhatsappOffer.register();
