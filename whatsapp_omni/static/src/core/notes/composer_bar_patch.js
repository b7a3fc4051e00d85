import { patch } from "@web/core/utils/patch";

import { ComposerBar } from "@whatsapp_omni/core/composer_bar/composer_bar";

patch(ComposerBar.prototype, {
    get canNote() {
        return Boolean(this.props.conversation?.channel_id?.canWhatsappNote);
    },
    note() {
        this.props.conversation.channel_id.switchWhatsappNote(true);
    },
});
