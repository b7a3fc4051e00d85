import { ThreadAction } from "@mail/core/common/thread_actions";

import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";

/** What an agent may do with a thread; calls, invitations, … make no sense here. */
const ALLOWED = ["attachments", "close", "fold-chat-window", "mark-read", "search-messages"];

/** What the panel shows as well: beside the name a phone has no room for it. */
const NOT_ON_PHONES = ["attachments"];

patch(ThreadAction.prototype, {
    _condition({ action, thread }) {
        if (isWhatsapp(thread) && !ALLOWED.includes(action.id)) {
            return false;
        }
        const { isSmall } = action.store.env.services.ui;
        if (isWhatsapp(thread) && isSmall && NOT_ON_PHONES.includes(action.id)) {
            return false;
        }
        return super._condition(...arguments);
    },
});
