import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { CloseDialog } from "@whatsapp_omni/core/close_dialog/close_dialog";
import { PutAsideDialog } from "@whatsapp_omni/core/put_aside/put_aside_dialog";
import { TagsDialog } from "@whatsapp_omni/core/tags_dialog/tags_dialog";

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
 * @property {string} [hotkey] a key that does it while nothing is being written
 * @property {boolean} [isButton] whether it has a button of its own where there is room
 * @property {boolean} [isPartOfEnding] whether it can be done when its line was archived
 */
export const conversationActions = registry.category("whatsapp_omni.conversation_actions");

/**
 * @param {ConversationAction} action
 * @param {import("models").Conversation} [conversation]
 */
export function isAvailable(action, conversation) {
    return (
        Boolean(conversation?.state) &&
        (action.isPartOfEnding || !conversation.out_of_service) &&
        action.condition(conversation)
    );
}

/**
 * @param {import("models").Conversation} [conversation]
 * @returns {(ConversationAction & {id: string})[]} what can be done with it now, in order
 */
export function availableActions(conversation) {
    return conversationActions
        .getEntries()
        .map(([id, action]) => ({ id, ...action }))
        .filter((action) => isAvailable(action, conversation));
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
            isPartOfEnding: true,
            condition: (conversation) => conversation.isNew,
            run: (conversation) => conversation.store.whatsappDesk.capture(conversation),
        },
        { sequence: 10 }
    )
    .add(
        "put-aside",
        {
            name: _t("Park"),
            icon: "fa-clock-o",
            hotkey: "p",
            isButton: true,
            condition: (conversation) => conversation.isMine && !conversation.isParked,
            run: (conversation, env) => env.services.dialog.add(PutAsideDialog, { conversation }),
        },
        { sequence: 60 }
    )
    .add(
        "resume",
        {
            name: _t("Resume"),
            icon: "fa-play",
            hotkey: "p",
            isButton: true,
            condition: (conversation) => conversation.isMine && conversation.isParked,
            run: (conversation) => conversation.call("action_resume"),
        },
        { sequence: 60 }
    )
    .add(
        "star",
        {
            name: _t("Star"),
            icon: "fa-star-o",
            hotkey: "s",
            condition: (conversation) => conversation.isMine && !conversation.starred,
            run: (conversation) => conversation.star(true),
        },
        { sequence: 70 }
    )
    .add(
        "unstar",
        {
            name: _t("Remove the star"),
            icon: "fa-star",
            hotkey: "s",
            condition: (conversation) => conversation.isMine && conversation.starred,
            run: (conversation) => conversation.star(false),
        },
        { sequence: 70 }
    )
    .add(
        "mark-unread",
        {
            name: _t("Mark as unread"),
            icon: "fa-envelope-o",
            hotkey: "u",
            condition: (conversation) => conversation.canBeMarkedUnread,
            run: (conversation) => conversation.markUnread(),
        },
        { sequence: 72 }
    )
    .add(
        "tags",
        {
            name: _t("Tags"),
            icon: "fa-tags",
            hotkey: "t",
            condition: (conversation) => conversation.isMine,
            run: (conversation, env) => env.services.dialog.add(TagsDialog, { conversation }),
        },
        { sequence: 74 }
    )
    .add(
        "close",
        {
            name: _t("Close"),
            icon: "fa-check",
            isButton: true,
            isPartOfEnding: true,
            condition: (conversation) => conversation.isMine,
            run: (conversation, env) => env.services.dialog.add(CloseDialog, { conversation }),
        },
        { sequence: 90 }
    );
