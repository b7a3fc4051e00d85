import { RPCError } from "@web/core/network/rpc";

const REFUSALS = ["odoo.exceptions.AccessError", "odoo.http.SessionExpiredException"];

/**
 * Whether the server says that the user may not ask this, or does not know them any more.
 * A server that did not answer, or failed, says nothing of the kind.
 *
 * @param {Error} error
 */
export function isRefusal(error) {
    return error instanceof RPCError && REFUSALS.includes(error.exceptionName);
}
