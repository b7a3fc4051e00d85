import { AttachmentUploadService } from "@mail/core/common/attachment_upload_service";

import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { keepSendable } from "@whatsapp_omni/core/sendable_files";

patch(AttachmentUploadService.prototype, {
    /** @override Say at once what WhatsApp will not take; a note takes everything. */
    async upload(thread, composer, file) {
        const isAnswer = isWhatsapp(thread) && !thread.isWhatsappNoting;
        if (isAnswer && !(await keepSendable([file], this.notificationService)).length) {
            return undefined;
        }
        return super.upload(...arguments);
    },
});
