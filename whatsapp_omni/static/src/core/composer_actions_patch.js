import { ComposerAction } from "@mail/core/common/composer_actions";

import { patch } from "@web/core/utils/patch";

import { COMPOSER_WINDOWS } from "@whatsapp_omni/core/composer_windows";
import { isWhatsapp } from "@whatsapp_omni/core/constants";

/** What WhatsApp can carry; a GIF of the picker would leave as a bare link. */
const ALLOWED = [
    "add-canned-response",
    "add-emoji",
    "send-message",
    "upload-files",
    "voice-recording",
    "voice-start",
    "voice-stop",
    "whatsapp-camera",
    "whatsapp-note",
    ...COMPOSER_WINDOWS.map(({ id }) => id),
];

patch(ComposerAction.prototype, {
    _condition({ action, composer }) {
        const { isMoreAction } = action.definition;
        if (isWhatsapp(composer?.targetThread) && !isMoreAction && !ALLOWED.includes(action.id)) {
            return false;
        }
        return super._condition(...arguments);
    },
});
