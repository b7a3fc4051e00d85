import { onWillStart, useState } from "@odoo/owl";

import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

const SEARCH_DELAY = 250;

/**
 * Search contacts by name, of those that have what is to be sent.
 *
 * @param {import("@web/core/domain").DomainListRepr} domain which contacts
 * @param {string[]} fieldNames what is read of them
 * @param {number} limit how many are listed
 * @returns {{term: string, contacts: Object[], later: () => void}} `later` is to be called
 *  when the term has changed
 */
export function useContactSearch(domain, fieldNames, limit) {
    const orm = useService("orm");
    const keepLast = new KeepLast();
    const state = useState({ term: "", contacts: [] });

    async function search() {
        const term = state.term.trim();
        state.contacts = await keepLast.add(
            orm.searchRead(
                "res.partner",
                term ? [...domain, ["display_name", "ilike", term]] : domain,
                fieldNames,
                { limit }
            )
        );
    }

    state.later = useDebounced(search, SEARCH_DELAY);
    onWillStart(search);
    return state;
}
