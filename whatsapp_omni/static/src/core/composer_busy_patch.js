import { Composer } from "@mail/core/common/composer";
import { Composer as ComposerModel } from "@mail/core/common/composer_model";
import "@mail/discuss/voice_message/common/composer_patch";

import { useEffect } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(ComposerModel.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether the microphone is open, whose sound comes into the composer. */
        this.isWhatsappRecording = false;
    },
    /**
     * Tell the agent if something is still on its way into the composer: what is written
     * there cannot be put elsewhere without it.
     *
     * @returns {boolean} whether there is
     */
    warnIfWhatsappBusy() {
        const isUploading = this.attachments.some(({ uploading }) => uploading);
        if (isUploading || this.isWhatsappRecording) {
            this.store.env.services.notification.add(
                _t("Wait until the file is uploaded or the recording has ended."),
                { type: "warning" }
            );
        }
        return isUploading || this.isWhatsappRecording;
    },
});

patch(Composer.prototype, {
    setup() {
        super.setup(...arguments);
        useEffect(
            (composer, isRecording) => {
                composer.isWhatsappRecording = isRecording;
                return () => (composer.isWhatsappRecording = false);
            },
            () => [this.props.composer, Boolean(this.voiceRecorder?.recording)]
        );
    },
});
