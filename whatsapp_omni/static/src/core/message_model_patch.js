import { fields } from "@mail/core/common/record";
import { Message } from "@mail/core/common/message_model";

import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";

const NOT_LEFT_YET = ["queued", "sending"];
const HAS_LEFT = ["submitted", "sent", "delivered", "read"];

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /**
         * How far a message of ours has come, false for every other one.
         *
         * @type {{
         *   state: "queued"|"sending"|"unknown"|"submitted"|"sent"|"delivered"|"read"
         *     |"failed"|"cancelled",
         *   reason: string, action: string, can_retry: boolean, code: string,
         * }|false}
         */
        this.whatsapp_omni_status = fields.Attr(false);
        /** @type {false|"pending"|"failed"} what is missing of a file of the customer */
        this.whatsapp_omni_media = fields.Attr(false);
    },
    /** @override An answer of the server may come after news that are newer than it. */
    update(data) {
        const isOutrun =
            NOT_LEFT_YET.includes(data?.whatsapp_omni_status?.state) &&
            HAS_LEFT.includes(this.whatsapp_omni_status?.state);
        return isOutrun
            ? super.update({ ...data, whatsapp_omni_status: this.whatsapp_omni_status })
            : super.update(...arguments);
    },
    get isWhatsappOutgoing() {
        return (
            isWhatsapp(this.thread) &&
            !this.isNote &&
            (Boolean(this.whatsapp_omni_status) || this.isSelfAuthored)
        );
    },
    /** Whether no person wrote it. */
    get isWhatsappAutomatic() {
        return isWhatsapp(this.thread) && this.message_type === "auto_comment";
    },
    get isWhatsappInDoubt() {
        return ["failed", "unknown"].includes(this.whatsapp_omni_status?.state);
    },
    /** @override What colleagues wrote to the customer is ours as well. */
    get bubbleColor() {
        return super.bubbleColor && this.isWhatsappOutgoing ? "green" : super.bubbleColor;
    },
    /** @override */
    get editable() {
        return !isWhatsapp(this.thread) && super.editable;
    },
    /** @override A file on its way is something. */
    computeIsEmpty() {
        return !this.whatsapp_omni_media && super.computeIsEmpty();
    },
    /** @override */
    canAddReaction() {
        return super.canAddReaction(...arguments) && this._canBeReferredTo();
    },
    /** @override */
    canReplyTo() {
        return super.canReplyTo(...arguments) && this._canBeReferredTo();
    },
    /** Whether WhatsApp knows the message, and it is us who may write now. */
    _canBeReferredTo() {
        if (!isWhatsapp(this.thread)) {
            return true;
        }
        return (
            this.thread.whatsappComposerState === "open" &&
            this.message_type !== "notification" &&
            !this.isNote &&
            !this.isWhatsappInDoubt
        );
    },
    async retryWhatsapp() {
        const before = this.whatsapp_omni_status;
        this.whatsapp_omni_status = { ...before, state: "queued", can_retry: false };
        try {
            await this.store.env.services.orm.silent.call(
                "mail.message",
                "action_whatsapp_omni_retry",
                [[this.id]]
            );
        } catch (error) {
            this.whatsapp_omni_status = before;
            throw error;
        }
    },
});
