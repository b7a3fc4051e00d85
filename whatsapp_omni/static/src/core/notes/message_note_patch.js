import { fields } from "@mail/core/common/record";
import { Message } from "@mail/core/common/message_model";

import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import "@whatsapp_omni/core/message_model_patch";

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether a supervisor wrote it to those who attend the conversation. */
        this.whatsapp_omni_is_whisper = fields.Attr(false);
    },
    /** Whether it is for colleagues only. */
    get isWhatsappNote() {
        return (
            isWhatsapp(this.thread) && this.message_type !== "notification" && Boolean(this.isNote)
        );
    },
    /** @override A note never left: its author may change it. */
    get editable() {
        return this.isWhatsappNote
            ? this.message_type === "comment" && this.isSelfAuthored && !this.isEmpty
            : super.editable;
    },
});
