import { MessageAction } from "@mail/core/common/message_actions";

import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";

/** A note never left. */
const ALLOWED_FOR_NOTES = ["delete", "edit"];

/** A message that has left cannot be edited, deleted, pinned or made a thread of. */
const ALLOWED = [
    "copy-message",
    "download_files",
    "reaction",
    "reactions",
    "reply-to",
    "set-new-message-separator",
    "toggle-star",
];

patch(MessageAction.prototype, {
    _condition({ action, message }) {
        const { isMoreAction } = action.definition;
        if (isWhatsapp(message?.thread) && !isMoreAction) {
            const isAllowed =
                ALLOWED.includes(action.id) ||
                (ALLOWED_FOR_NOTES.includes(action.id) && message.isWhatsappNote);
            if (!isAllowed) {
                return false;
            }
        }
        return super._condition(...arguments);
    },
});
