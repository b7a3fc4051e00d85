import { FileInput } from "@web/core/file_input/file_input";
import { useService } from "@web/core/utils/hooks";

import { keepSendable } from "@whatsapp_omni/core/sendable_files";

/** Odoo's choice of files, without those that WhatsApp would refuse. */
export class SendableFileInput extends FileInput {
    setup() {
        super.setup();
        this.notification = useService("notification");
        /** @type {File[]} */
        this.kept = [];
    }

    /** @override */
    get httpParams() {
        return { ...super.httpParams, ufile: this.kept };
    }

    /** @override */
    async onFileInputChange() {
        const { el } = this.fileInputRef;
        this.kept = await keepSendable(el.files, this.notification);
        if (this.kept.length) {
            await super.onFileInputChange();
        } else {
            el.value = null; // or the same file could not be chosen again
        }
    }
}
