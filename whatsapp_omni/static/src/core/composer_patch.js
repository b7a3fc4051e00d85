import { Composer } from "@mail/core/common/composer";

import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { countCodePoints } from "@whatsapp_omni/core/formatting";
import { LIMITS } from "@whatsapp_omni/core/limits";

patch(Composer.prototype, {
    get isWhatsapp() {
        return isWhatsapp(this.thread) && !this.props.composer.message;
    },
    get whatsappCounter() {
        return _t("%(length)s/%(limit)s", { length: this.whatsappLength, limit: LIMITS.text });
    },
    get whatsappLength() {
        return countCodePoints(this.props.composer.composerText);
    },
    get isWhatsappTooLong() {
        return this.isWhatsapp && this.whatsappLength > LIMITS.text;
    },
    get whatsappTooLongText() {
        return _t("Too long by %(surplus)s: WhatsApp takes %(limit)s characters.", {
            surplus: this.whatsappLength - LIMITS.text,
            limit: LIMITS.text,
        });
    },
    /** Whether nothing can be sent yet, whatever is written. */
    get isWhatsappHeldBack() {
        const isCapturing = this.isWhatsapp && this.thread.whatsappConversation?.isCapturing;
        return this.isWhatsappTooLong || Boolean(isCapturing);
    },
    /** @override */
    get isSendButtonDisabled() {
        return super.isSendButtonDisabled || this.isWhatsappHeldBack;
    },
    /** @override */
    get canProcessMessage() {
        return super.canProcessMessage && !this.isWhatsappHeldBack;
    },
    /** @override Tab in an empty composer leads on, if somebody else needs us. */
    onKeydown(ev) {
        const isPlainTab = ev.key === "Tab" && !ev.shiftKey && !ev.ctrlKey && !ev.altKey;
        if (isPlainTab && this.isWhatsapp && this.env.inWhatsappDesk && !this.whatsappLength) {
            if (this.store.whatsappDesk.goToNextInNeed()) {
                ev.preventDefault();
                return;
            }
        }
        return super.onKeydown(ev);
    },
    /** @override Only a member may tell; while it is being captured we are none. */
    notifyIsTyping() {
        if (!isWhatsapp(this.thread) || this.thread.self_member_id) {
            super.notifyIsTyping(...arguments);
        }
    },
});
