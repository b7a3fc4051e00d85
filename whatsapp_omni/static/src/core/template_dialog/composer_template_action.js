import { registerComposerAction } from "@mail/core/common/composer_actions";

import { _t } from "@web/core/l10n/translation";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { TemplateDialog } from "@whatsapp_omni/core/template_dialog/template_dialog";

registerComposerAction("whatsapp-template", {
    condition: ({ composer }) =>
        isWhatsapp(composer?.targetThread) &&
        !composer.message &&
        Boolean(composer.targetThread.whatsappConversation?.isMine),
    icon: "fa fa-file-text-o",
    name: _t("Send an approved template"),
    onSelected: ({ composer, store }) =>
        store.env.services.dialog.add(TemplateDialog, {
            conversation: composer.targetThread.whatsappConversation,
        }),
    sequence: 40,
});
