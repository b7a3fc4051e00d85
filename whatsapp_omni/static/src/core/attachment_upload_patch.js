import { AttachmentUploadService } from "@mail/core/common/attachment_upload_service";

import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import { isWhatsapp, KINDS } from "@whatsapp_omni/core/constants";
import { countCodePoints } from "@whatsapp_omni/core/formatting";
import { LIMITS, MEDIA } from "@whatsapp_omni/core/limits";

const MEGABYTE = 1024 * 1024;

const megabytes = (size) => Math.ceil((size * 10) / MEGABYTE) / 10;

/** @returns {string|undefined} why WhatsApp would not take a file at all */
export function explainRefusedFile({ name, size }) {
    if (!size) {
        return _t("%(name)s is empty: WhatsApp does not take it.", { name });
    }
    if (size > MEDIA.file.size) {
        return _t("%(name)s has %(size)s MB; WhatsApp takes files of up to %(limit)s MB.", {
            name,
            size: megabytes(size),
            limit: megabytes(MEDIA.file.size),
        });
    }
    if (countCodePoints(name) > LIMITS.fileName) {
        return _t(
            "The name of this file has %(length)s characters, WhatsApp takes %(limit)s: %(name)s",
            { length: countCodePoints(name), limit: LIMITS.fileName, name }
        );
    }
    return undefined;
}

/** @returns {string|undefined} why a picture or a sound is shown as a mere document */
export function explainDocument({ name, size, type }) {
    const kind = type.split("/")[0];
    if (!["image", "audio", "video"].includes(kind)) {
        return undefined;
    }
    const { size: limit, types } = MEDIA[kind];
    const bareType = type.split(";")[0];
    const { label } = KINDS[kind];
    if (size > limit) {
        return _t("%(name)s is sent as a document: as “%(kind)s” WhatsApp takes %(limit)s MB.", {
            name,
            kind: label,
            limit: megabytes(limit),
        });
    }
    // these are known by other names, which the server tells
    if (kind !== "image" || types.includes(bareType) || bareType === "image/webp") {
        return undefined;
    }
    return _t("%(name)s is sent as a document: WhatsApp shows pictures in JPEG and PNG only.", {
        name,
    });
}

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
    /** @override Say at once what WhatsApp will not take, or show otherwise. */
    async upload(thread, composer, file) {
        if (!isWhatsapp(thread)) {
            return super.upload(...arguments);
        }
        const refusal = explainRefusedFile(file);
        if (refusal) {
            this.notificationService.add(refusal, { type: "danger" });
            return undefined;
        }
        const notice = explainDocument(file);
        if (notice) {
            this.notificationService.add(notice, { type: "info" });
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
