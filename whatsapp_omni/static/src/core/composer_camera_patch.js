import { Composer } from "@mail/core/common/composer";
import { registerComposerAction } from "@mail/core/common/composer_actions";

import { useRef } from "@odoo/owl";

import { isMobileOS } from "@web/core/browser/feature_detection";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";

registerComposerAction("whatsapp-camera", {
    condition: ({ composer, owner }) =>
        isMobileOS() &&
        isWhatsapp(composer?.targetThread) &&
        !composer.message &&
        owner.allowUpload,
    icon: "fa fa-camera",
    name: _t("Take a photo"),
    onSelected: ({ owner }) => owner.whatsappCameraRef.el?.click(),
    setup: ({ owner }) => (owner.whatsappCameraRef = useRef("whatsapp-camera")),
    sequence: 22,
});

patch(Composer.prototype, {
    /** What the camera of the phone gives goes the way of any file. */
    onWhatsappPhoto(ev) {
        for (const file of ev.target.files) {
            this.attachmentUploader.uploadFile(file);
        }
        ev.target.value = "";
    },
});
