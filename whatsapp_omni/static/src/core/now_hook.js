import { onWillDestroy, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

/**
 * The time, for what counts the seconds. For what may be some of them late there is the
 * clock of the desk.
 *
 * @returns {{ms: number}} milliseconds since the epoch
 */
export function useNow() {
    const now = useState({ ms: Date.now() });
    const intervalId = browser.setInterval(() => (now.ms = Date.now()), 1000);
    onWillDestroy(() => browser.clearInterval(intervalId));
    return now;
}
