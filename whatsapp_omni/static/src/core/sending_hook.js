import { useState } from "@odoo/owl";

import { RPCError } from "@web/core/network/rpc";

/**
 * What a dialog that sends something has to keep: a second click does nothing, and what
 * the server refuses is said in the dialog, where nothing is lost.
 *
 * @returns {{error: string, isRunning: boolean, run: (act: () => Promise<any>) => Promise<void>}}
 */
export function useSending() {
    const state = useState({
        error: "",
        isRunning: false,
        async run(act) {
            if (state.isRunning) {
                return;
            }
            state.isRunning = true;
            state.error = "";
            try {
                await act();
            } catch (error) {
                if (!(error instanceof RPCError)) {
                    throw error;
                }
                state.error = error.data?.message ?? error.message;
            } finally {
                state.isRunning = false;
            }
        },
    });
    return state;
}
