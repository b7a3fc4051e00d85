import { WINDOW_SHOWN_BELOW, WINDOW_URGENT_BELOW } from "@whatsapp_omni/core/constants";

/**
 * Say how urgent it is to answer.
 *
 * @param {number|undefined} left milliseconds until the window closes
 * @returns {"over"|"urgent"|"short"|undefined} nothing while there is plenty
 */
export function windowLevel(left) {
    if (left <= 0) {
        return "over";
    }
    if (left < WINDOW_URGENT_BELOW) {
        return "urgent";
    }
    return left < WINDOW_SHOWN_BELOW ? "short" : undefined;
}
