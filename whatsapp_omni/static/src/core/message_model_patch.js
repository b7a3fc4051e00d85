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
        /**
         * What is missing of a file of the customer.
         *
         * @type {false|{state: "pending"|"failed", reason: string, can_fetch_again: boolean}}
         */
        this.whatsapp_omni_media = fields.Attr(false);
        /** Kept, because the bubble asks for it a dozen times whenever it is drawn. */
        this.whatsappBubbleColor = fields.Attr(undefined, {
            compute() {
                return isWhatsapp(this.thread) ? this._computeWhatsappBubbleColor() : undefined;
            },
        });
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
        return isWhatsapp(this.thread) ? this.whatsappBubbleColor : super.bubbleColor;
    },
    /** @returns {"green"|"orange"|"blue"|undefined} nothing for what stands without bubble */
    _computeWhatsappBubbleColor() {
        if (this.message_type === "notification") {
            return undefined;
        }
        if (this.isWhatsappOutgoing) {
            return "green";
        }
        if (this.isHighlightedFromMention) {
            return "orange";
        }
        return this.isNote ? undefined : "blue";
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
    /** @override In its own thread only, where is seen what is for the customer. */
    canReplyTo(thread) {
        const isElsewhere = isWhatsapp(this.thread) && this.thread.notEq(thread);
        return super.canReplyTo(...arguments) && this._canBeReferredTo() && !isElsewhere;
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
    retryWhatsapp() {
        return this._askWhatsapp("retry", {
            whatsapp_omni_status: {
                ...this.whatsapp_omni_status,
                state: "queued",
                can_retry: false,
            },
        });
    },
    fetchWhatsappFileAgain() {
        return this._askWhatsapp("fetch_again", {
            whatsapp_omni_media: { state: "pending", reason: "", can_fetch_again: false },
        });
    },
    /**
     * Show at once what the server is asked for; take it back when it refuses.
     *
     * @param {"retry"|"fetch_again"} what
     * @param {Object} values of this message as they will be
     */
    async _askWhatsapp(what, values) {
        const before = Object.fromEntries(Object.keys(values).map((name) => [name, this[name]]));
        Object.assign(this, values);
        try {
            await this.store.env.services.orm.silent.call(
                "mail.message",
                `action_whatsapp_omni_${what}`,
                [[this.id]]
            );
        } catch (error) {
            Object.assign(this, before);
            throw error;
        }
    },
});
