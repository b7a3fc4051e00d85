import { patch } from "@web/core/utils/patch";
import { browser } from "@web/core/browser/browser";

import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";

export const CLOCK_PERIOD = 15 * 1000;

/** What time it is on the desk, for all that changes as it passes. */
patch(WhatsappDesk.prototype, {
    setup() {
        super.setup(...arguments);
        this.nowMs = Date.now();
        this.isClockRunning = false;
    },
    /** Have it go on, for whoever shows the time first. */
    startClock() {
        this.tickIfLate();
        if (!this.isClockRunning) {
            this.isClockRunning = true;
            browser.setInterval(() => this.tick(), CLOCK_PERIOD);
            browser.addEventListener("visibilitychange", () => this.tick());
        }
    },
    /** Look at the clock: browsers let that of a page that nobody sees go slow. */
    tick() {
        this.nowMs = Date.now();
    },
    /** Look at the clock if that was not done in time, because the page slept. */
    tickIfLate() {
        if (Date.now() - this.nowMs > CLOCK_PERIOD) {
            this.tick();
        }
    },
});
