import { Composer } from "@mail/core/common/composer";
import { registerComposerAction } from "@mail/core/common/composer_actions";

import { useRef } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { isMobileOS } from "@web/core/browser/feature_detection";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import { CameraDialog } from "@whatsapp_omni/core/camera/camera_dialog";
import { isWhatsapp } from "@whatsapp_omni/core/constants";

/** Phones have a camera app; browsers show that of a computer to secure pages only. */
const hasCamera = () => isMobileOS() || Boolean(browser.navigator.mediaDevices?.getUserMedia);

registerComposerAction("whatsapp-camera", {
    condition: ({ composer, owner }) =>
        hasCamera() && isWhatsapp(composer?.targetThread) && !composer.message && owner.allowUpload,
    icon: "fa fa-camera",
    name: _t("Take a photo"),
    onSelected: ({ owner }) => owner.takeWhatsappPhoto(),
    setup: ({ owner }) => (owner.whatsappCameraRef = useRef("whatsapp-camera")),
    sequence: 22,
});

/** A photo goes the way of any file. */
patch(Composer.prototype, {
    takeWhatsappPhoto() {
        if (isMobileOS()) {
            this.whatsappCameraRef.el?.click();
            return;
        }
        this.env.services.dialog.add(CameraDialog, {
            onPhoto: (photo) => this.attachmentUploader.uploadFile(photo),
        });
    },
    onWhatsappPhoto(ev) {
        for (const file of ev.target.files) {
            this.attachmentUploader.uploadFile(file);
        }
        ev.target.value = "";
    },
});
