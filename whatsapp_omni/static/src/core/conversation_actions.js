import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { CloseDialog } from "@whatsapp_omni/core/close_dialog/close_dialog";

/**
 * What can be done with a conversation, in one place: the header shows it, as buttons or
 * in its menu, and the command palette lists it.
 *
 * @typedef {Object} ConversationAction
 * @property {string} name
 * @property {string} icon class of an icon
 * @property {(conversation: import("models").Conversation) => boolean} condition
 * @property {(conversation: import("models").Conversation, env: Object) => any} run
 * @property {boolean} [isPrimary] whether it is the one thing to do
 * @property {boolean} [isButton] whether it has a button of its own where there is room
 */
export const conversationActions = registry.category("whatsapp_omni.conversation_actions");

/**
 * @param {import("models").Conversation} [conversation]
 * @returns {(ConversationAction & {id: string})[]} what can be done with it now, in order
 */
export function availableActions(conversation) {
    if (!conversation?.state) {
        return [];
    }
    return conversationActions
        .getEntries()
        .map(([id, action]) => ({ id, ...action }))
        .filter((action) => action.condition(conversation));
}

conversationActions
    .add(
        "accept",
        {
            name: _t("Accept"),
            icon: "fa-phone",
            isPrimary: true,
            isButton: true,
            condition: (conversation) => conversation.isRinging,
            run: ({ offer, store }) => store.whatsappAgent.accept(offer),
        },
        { sequence: 4 }
    )
    .add(
        "decline",
        {
            name: _t("Decline"),
            icon: "fa-ban",
            isButton: true,
            condition: (conversation) => conversation.isRinging,
            run: ({ offer, store }) => store.whatsappAgent.decline(offer),
        },
        { sequence: 6 }
    )
    .add(
        "take",
        {
            name: _t("Take"),
            icon: "fa-hand-paper-o",
            isPrimary: true,
            isButton: true,
            condition: (conversation) => conversation.isNew,
            run: (conversation) => conversation.store.whatsappDesk.capture(conversation),
        },
        { sequence: 10 }
    )
    .add(
        "close",
        {
            name: _t("Close"),
            icon: "fa-check",
            isButton: true,
            condition: (conversation) => conversation.isMine,
            run: (conversation, env) => env.services.dialog.add(CloseDialog, { conversation }),
        },
        { sequence: 90 }
    );
