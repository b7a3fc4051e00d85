import { onWillDestroy, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

/**
 * The time, for what counts down on the screen.
 *
 * @param {number} [periodMs] how often it is looked at
 * @returns {{ms: number}} milliseconds since the epoch
 */
export function useNow(periodMs = 1000) {
    const now = useState({ ms: Date.now() });
    const intervalId = browser.setInterval(() => (now.ms = Date.now()), periodMs);
    onWillDestroy(() => browser.clearInterval(intervalId));
    return now;
}
