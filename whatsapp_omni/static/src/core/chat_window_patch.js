import { ChatWindow } from "@mail/core/common/chat_window_model";

import { patch } from "@web/core/utils/patch";

patch(ChatWindow.prototype, {
    /** @override On a phone the desk hides folded ones, as Odoo's Discuss does. */
    computeCanShow() {
        const isOverDesk = this.store.env.services.ui.isSmall && this.store.whatsappDesk?.isActive;
        return super.computeCanShow() && !(isOverDesk && this.hubAsFolded);
    },
});
