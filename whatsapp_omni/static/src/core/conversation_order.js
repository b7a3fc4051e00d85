import { compareDatetime } from "@mail/utils/common/misc";

/**
 * The order of what nobody has taken: what was meant for us, then what is most important,
 * then who has waited longest.
 *
 * @param {import("models").Conversation} c1
 * @param {import("models").Conversation} c2
 */
export function compareUntaken(c1, c2) {
    return (
        c2.isRinging - c1.isRinging ||
        c2.isTransferredToMe - c1.isTransferredToMe ||
        compareUrgency(c1, c2) ||
        compareDatetime(c1.waitsSince, c2.waitsSince) ||
        c1.id - c2.id
    );
}

/** The queue's priority counts more than the customer's, as when they are given out. */
function compareUrgency(c1, c2) {
    return (
        Number(c2.queue_id?.priority ?? 0) - Number(c1.queue_id?.priority ?? 0) ||
        Number(c2.customer_priority) - Number(c1.customer_priority)
    );
}

/**
 * The order of what is attended: who waits for an answer, then who was active last; what
 * is parked comes last.
 *
 * @param {import("models").Conversation} c1
 * @param {import("models").Conversation} c2
 */
export function compareAttended(c1, c2) {
    return (
        c1.isParked - c2.isParked ||
        Boolean(c2.waiting_count) - Boolean(c1.waiting_count) ||
        compareDatetime(c2.last_message_at, c1.last_message_at) ||
        c2.id - c1.id
    );
}
