import { AttachmentUploadService } from "@mail/core/common/attachment_upload_service";

import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { keepSendable } from "@whatsapp_omni/core/sendable_files";

patch(AttachmentUploadService.prototype, {
    /** @override */
    setup() {
        super.setup(...arguments);
        /**
         * For which conversation a file is: the next one has the same composer.
         *
         * @type {Map<number, number|undefined>} by the temporary id of what is uploading
         */
        this.whatsappConversationIds = new Map();
    },
    /** @override Say at once what WhatsApp will not take; a note takes everything. */
    async upload(thread, composer, file) {
        const isAnswer = isWhatsapp(thread) && !thread.isWhatsappNoting;
        if (isAnswer && !(await keepSendable([file], this.notificationService)).length) {
            return undefined;
        }
        return super.upload(...arguments);
    },
    /** @override */
    async _upload(thread, composer, file, options, tmpId) {
        if (composer && isWhatsapp(thread)) {
            this.whatsappConversationIds.set(tmpId, thread.whatsappConversation?.id);
        }
        return super._upload(...arguments);
    },
    /** @override */
    _cleanupUploading(tmpId) {
        super._cleanupUploading(...arguments);
        this.whatsappConversationIds.delete(tmpId);
    },
    /** @override What comes too late for its conversation must not be sent in the next one. */
    _processLoaded(thread, composer, { data }, tmpId, uploaded) {
        const conversationId = this.whatsappConversationIds.get(tmpId);
        if (!conversationId || thread.writesInWhatsapp(conversationId)) {
            return super._processLoaded(...arguments);
        }
        this.store.insert(data.store_data);
        const attachment = this.store["ir.attachment"].get(data.attachment_id);
        uploaded.resolve();
        this._cleanupUploading(tmpId);
        this.notificationService.add(
            _t("%(name)s was uploaded too late: you no longer write in that conversation.", {
                name: attachment.name,
            }),
            { type: "warning" }
        );
        return attachment.remove();
    },
});
