import { patch } from "@web/core/utils/patch";
import { _t } from "@web/core/l10n/translation";

import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";

/** What the desk tells beside what it shows. */
patch(WhatsappDesk.prototype, {
    setup() {
        super.setup(...arguments);
        /**
         * By conversation: how to remove what was told of it.
         *
         * @type {Map<number, (() => void)[]>}
         */
        this.notices = new Map();
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
        const remove = notification.add(text, {
            ...options,
            buttons: [
                {
                    name: _t("Open"),
                    primary: true,
                    onClick: () => {
                        remove();
                        this.show(conversationId);
                    },
                },
            ],
        });
        this.notices.set(conversationId, [...(this.notices.get(conversationId) ?? []), remove]);
    },
    /** @param {number} [conversationId] */
    _removeNotices(conversationId) {
        for (const remove of this.notices.get(conversationId) ?? []) {
            remove();
        }
        this.notices.delete(conversationId);
    },
    /**
     * A parked conversation of ours is back.
     *
     * @param {{conversation_id: number, message: string}} payload
     */
    onResumed({ conversation_id, message }) {
        const { action, notification } = this.store.env.services;
        const remove = notification.add(message, {
            type: "info",
            buttons: [
                {
                    name: _t("Open"),
                    primary: true,
                    onClick: () => {
                        remove();
                        this.isActive
                            ? this.open(conversation_id)
                            : action.doAction("whatsapp_omni.action_inbox", {
                                  props: { resId: conversation_id },
                              });
                    },
                },
            ],
        });
    },
    _warn(message) {
        this.store.env.services.notification.add(message, { type: "warning" });
    },
});
