import { patch } from "@web/core/utils/patch";
import { _t } from "@web/core/l10n/translation";

import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";

/** Conversations that are closed, passed on, or gone. */
patch(WhatsappDesk.prototype, {
    /**
     * @param {import("models").Conversation} conversation
     * @param {Object} result as the server's `action_close` takes it
     */
    async close(conversation, result) {
        conversation.isClosing = true;
        try {
            await this._call("action_close", [[conversation.id]], result);
        } catch (error) {
            conversation.isClosing = false;
            throw error;
        }
        // the bus may have taken it away before this answer
        if (conversation.exists()) {
            conversation.delete();
        }
    },
    /**
     * @param {number} conversationId of a closed one
     * @param {Object} result as the server's `action_correct` takes it
     */
    async correct(conversationId, result) {
        await this._call("action_correct", [[conversationId]], result);
        if (this.conversation) {
            // its panel may tell how that one ended
            this.conversation.panelNews++;
        }
    },
    /**
     * @param {number} conversationId
     * @returns {Promise<Object>} what can be chosen when it is closed or corrected
     */
    fetchClosing(conversationId) {
        return this._call("get_closing", [[conversationId]]);
    },
    /**
     * @param {number} conversationId
     * @param {number} offset
     * @param {number} limit
     * @returns {Promise<{total: number, records: Object[]}>} the contact's other results
     */
    fetchRecords(conversationId, offset, limit) {
        return this._call("get_records", [[conversationId]], { offset, limit });
    },
    /**
     * Hand a conversation over, and go on with the next one.
     *
     * @param {import("models").Conversation} conversation
     * @param {Object} values see ``action_transfer`` of the server
     * @returns {Promise<number>} the transfer
     */
    async transfer(conversation, values) {
        const next = this.neighbourOf(conversation);
        conversation.isClosing = true;
        let transferId;
        try {
            transferId = await this._call("action_transfer", [[conversation.id]], values);
        } finally {
            if (conversation.exists()) {
                conversation.isClosing = false;
            }
        }
        if (conversation.exists() && this.conversation?.eq(conversation)) {
            this._moveOn(next);
        }
        return transferId;
    },
    /**
     * A conversation is about to disappear.
     *
     * @param {import("models").Conversation} conversation
     */
    onGone(conversation) {
        if (!this.conversation?.eq(conversation)) {
            return;
        }
        if (!conversation.isClosing && this.isActive) {
            this._warn(
                _t("The conversation with %(name)s was closed or left your queues.", {
                    name: conversation.name,
                })
            );
        }
        if (conversation.channel_id?.composer.isFocused) {
            // nothing takes the keys of whoever is still typing
            this.select();
            return;
        }
        this._moveOn(this.neighbourOf(conversation));
    },
});
