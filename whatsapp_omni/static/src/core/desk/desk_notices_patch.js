import { patch } from "@web/core/utils/patch";
import { _t } from "@web/core/l10n/translation";

import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";

/** What the desk tells beside what it shows. */
patch(WhatsappDesk.prototype, {
    setup() {
        super.setup(...arguments);
        /**
         * What was told of conversations, and is on the screen.
         *
         * @type {Set<{conversationId: number, remove: () => void}>}
         */
        this.notices = new Set();
    },
    /**
     * Tell of a conversation, from wherever the agent is. The notice leads there, and goes
     * once it is open: who reads a conversation need not be led to it.
     *
     * @param {number} conversationId
     * @param {string} text
     * @param {Object} options as the notification service takes them
     */
    tell(conversationId, text, options) {
        const { notification } = this.store.env.services;
        if (this.isActive && this.conversation?.id === conversationId) {
            notification.add(text, { ...options, sticky: false });
            return;
        }
        const notice = { conversationId };
        notice.remove = notification.add(text, {
            ...options,
            onClose: () => this.notices.delete(notice),
            buttons: [
                {
                    name: _t("Open"),
                    primary: true,
                    onClick: () => {
                        notice.remove();
                        this.show(conversationId);
                    },
                },
            ],
        });
        this.notices.add(notice);
    },
    /** @param {(conversationId: number) => boolean} isObsolete */
    _removeNotices(isObsolete) {
        for (const { conversationId, remove } of [...this.notices]) {
            if (isObsolete(conversationId)) {
                remove();
            }
        }
    },
    /**
     * A parked conversation of ours is back.
     *
     * @param {{conversation_id: number, message: string}} payload
     */
    onResumed({ conversation_id, message }) {
        this.tell(conversation_id, message, { type: "info" });
    },
    _warn(message) {
        this.store.env.services.notification.add(message, { type: "warning" });
    },
});
