import { patch } from "@web/core/utils/patch";

import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";
import { onlyDigits } from "@whatsapp_omni/core/formatting";

/** Characters that a term must have to be looked for in messages, as on the server. */
const LEAST_SEARCHED = 3;
/** No whole number has fewer. */
const LEAST_DIGITS = 7;
/** Messages hide nothing that has fewer, but addresses; as on the server. */
const LEAST_HIDDEN_DIGITS = 6;

/** Finding conversations by their cards, by what was said, and by a number. */
patch(WhatsappDesk.prototype, {
    setup() {
        super.setup(...arguments);
        this.searchTerm = "";
        /**
         * What the messages of our conversations hold of it, once that was looked for.
         *
         * @type {{message_id: number, conversation_id: number, name: string, date: string, snippet: string}[]|undefined}
         */
        this.foundMessages = undefined;
        /** @type {number[]} conversations whose number, which may be hidden, was typed whole */
        this.idsByNumber = [];
        this.isSearching = false;
    },
    /** @param {import("models").Conversation[]} conversations */
    search(conversations) {
        const term = this.searchTerm.trim();
        return term
            ? conversations.filter((c) => c.matches(term) || this.idsByNumber.includes(c.id))
            : [...conversations];
    },
    /** Look for what the cards do not tell: in messages, and by a number that is hidden. */
    async searchMessages() {
        const term = this.searchTerm.trim();
        this.foundMessages = undefined;
        this.idsByNumber = [];
        if (term.length < LEAST_SEARCHED) {
            return;
        }
        this.isSearching = true;
        const isNumber = onlyDigits(term).length >= LEAST_DIGITS;
        try {
            const [found, ids] = await Promise.all([
                this._call("search_own_messages", [term]),
                isNumber ? this._call("find_by_number", [term]) : [],
            ]);
            if (term === this.searchTerm.trim()) {
                this.foundMessages = found;
                this.idsByNumber = ids;
            }
        } finally {
            this.isSearching = false;
        }
    },
    /** Whether messages with this term would not be found: it looks like what they hide. */
    get isTermPerhapsHidden() {
        const term = this.searchTerm;
        return term.includes("@") || onlyDigits(term).length >= LEAST_HIDDEN_DIGITS;
    },
});
