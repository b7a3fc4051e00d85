import { patch } from "@web/core/utils/patch";
import { cleanTerm } from "@mail/utils/common/format";

import { Conversation } from "@whatsapp_omni/core/conversation_model";

export const TEMPLATE_MODEL = "whatsapp_omni.message.template";

/** How well a quick reply answers what was typed; nothing when it does not. */
function rank({ name, shortcut, category }, term) {
    if (!term) {
        return 0;
    }
    const [cleanName, cleanShortcut] = [cleanTerm(name), cleanTerm(shortcut)];
    if (cleanShortcut === term) {
        return 0;
    }
    if (cleanShortcut.startsWith(term)) {
        return 1;
    }
    if (cleanName.startsWith(term)) {
        return 2;
    }
    return [cleanName, cleanShortcut, cleanTerm(category)].some((text) => text.includes(term))
        ? 3
        : undefined;
}

/**
 * @typedef {Object} QuickReply what the server fills in for one conversation
 * @property {number} id
 * @property {string} name
 * @property {string} shortcut
 * @property {string} kind
 * @property {string} category
 * @property {boolean} is_private
 * @property {number} use_count
 * @property {string|false} text what goes into the composer, false when it is sent as is
 * @property {Object} preview props of `WhatsappPreview`
 */

patch(Conversation.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {QuickReply[]|undefined} nothing until they were asked for */
        this.quickReplies = undefined;
        this.areQuickRepliesLoading = false;
    },
    /** Ask what may be sent in this conversation, filled in for its customer. */
    async fetchQuickReplies() {
        this.areQuickRepliesLoading = true;
        try {
            const quickReplies = await this.store.env.services.orm.silent.call(
                TEMPLATE_MODEL,
                "get_quick_replies",
                [this.id]
            );
            if (this.exists()) {
                this.quickReplies = quickReplies;
            }
        } finally {
            this.areQuickRepliesLoading = false;
        }
    },
    /**
     * @param {string} term
     * @returns {QuickReply[]} what fits best first, then what is used most
     */
    searchQuickReplies(term) {
        const cleanedTerm = cleanTerm(term.trim());
        return (this.quickReplies ?? [])
            .map((reply) => ({ reply, rank: rank(reply, cleanedTerm) }))
            .filter((found) => found.rank !== undefined)
            .sort((f1, f2) => f1.rank - f2.rank || f2.reply.use_count - f1.reply.use_count)
            .map(({ reply }) => reply);
    },
    /** @param {QuickReply} reply sent as it is */
    sendQuickReply(reply) {
        return this.store.env.services.orm.silent.call(TEMPLATE_MODEL, "send_quick_reply", [
            this.channel_id.id,
            reply.id,
        ]);
    },
});
