import { ChatWindow } from "@mail/core/common/chat_window";
import { Composer } from "@mail/core/common/composer";
import { ComposerAction, registerComposerAction } from "@mail/core/common/composer_actions";
import { Store } from "@mail/core/common/store_service";
import { SuggestionService } from "@mail/core/common/suggestion_service";
import { fields } from "@mail/core/common/record";
import { Thread } from "@mail/core/common/thread_model";
import { DiscussContent } from "@mail/core/public_web/discuss_content";
import "@mail/discuss/core/common/suggestion_service_patch";

import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import "@whatsapp_omni/core/composer_actions_patch";
import "@whatsapp_omni/core/composer_patch";
import { isWhatsapp } from "@whatsapp_omni/core/constants";
import "@whatsapp_omni/core/discuss_content_patch";
import "@whatsapp_omni/core/quick_replies/composer_quick_replies_patch";
import "@whatsapp_omni/core/store_patch";
import "@whatsapp_omni/core/suggestion_service_patch";
import "@whatsapp_omni/core/thread_model_patch";

/** What a note can hold; templates and the like are for the customer. */
const NOTE_ACTIONS = [
    "add-emoji",
    "send-message",
    "upload-files",
    "voice-recording",
    "voice-start",
    "voice-stop",
    "whatsapp-note",
];

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether the composer writes a private note instead of an answer. */
        this.isWhatsappNoting = fields.Attr(false);
        /** What the composer held in the other mode: neither becomes the other. */
        this.whatsappOtherDraft = undefined;
        /** Colleagues whom a note here may mention, as far as they were asked for. */
        this.whatsapp_omni_colleague_ids = fields.Many("res.partner");
    },
    /** Whether a note can be written: by whoever reads the messages. */
    get canWhatsappNote() {
        const conversation = this.whatsappConversation;
        return isWhatsapp(this) && Boolean(conversation?.state) && conversation.isReadable;
    },
    /** @param {boolean} [isNoting] */
    switchWhatsappNote(isNoting = !this.isWhatsappNoting) {
        const { composer, whatsappOtherDraft: other } = this;
        const isUploading = composer.attachments.some(({ uploading }) => uploading);
        if (isNoting !== this.isWhatsappNoting && !isUploading) {
            this.whatsappOtherDraft = {
                attachments: [...composer.attachments],
                composerText: composer.composerText,
                mentionedPartners: [...composer.mentionedPartners],
                replyToMessage: composer.replyToMessage,
                whatsappQuickReplyId: composer.whatsappQuickReplyId,
            };
            composer.clear();
            composer.mentionedPartners.length = 0;
            this.isWhatsappNoting = isNoting;
            if (other) {
                composer.attachments.push(...other.attachments);
                composer.mentionedPartners.push(...other.mentionedPartners);
                composer.composerText = other.composerText;
                composer.replyToMessage = other.replyToMessage;
                composer.whatsappQuickReplyId = other.whatsappQuickReplyId;
            }
        }
        composer.autofocus++;
    },
    /** @override A note that was refused must not come back as an answer. */
    onWhatsappPostRefused(message) {
        this.switchWhatsappNote(Boolean(message.isNote));
        super.onWhatsappPostRefused(...arguments);
    },
});

patch(Composer.prototype, {
    get isWhatsappNote() {
        return (
            isWhatsapp(this.thread) && !this.props.composer.message && this.thread.isWhatsappNoting
        );
    },
    /** @override A note knows no limits of WhatsApp. */
    get isWhatsapp() {
        return super.isWhatsapp && !this.isWhatsappNote;
    },
    get whatsappNoteTitle() {
        const conversation = this.thread.whatsappConversation;
        return conversation?.isSupervised
            ? _t("Whisper to %(name)s", { name: conversation.owner_partner_id?.name ?? "" })
            : _t("Private note");
    },
    /** @override */
    get placeholder() {
        return this.isWhatsappNote
            ? _t("Only your team sees this. Use @ to mention a colleague.")
            : super.placeholder;
    },
    /** @override */
    get postData() {
        const data = super.postData;
        return isWhatsapp(this.thread) ? { ...data, isNote: this.isWhatsappNote } : data;
    },
    /** @override What is kept of a page that is left would come back as an answer. */
    saveContent() {
        if (!this.isWhatsappNote) {
            super.saveContent();
        }
    },
});

patch(Store.prototype, {
    /** @override Else a note looks like an answer until the server has spoken. */
    async doMessagePost(params, tmpMessage) {
        if (
            isWhatsapp(tmpMessage?.thread) &&
            params.post_data.subtype_xmlid === "mail.mt_note" &&
            this.mt_note
        ) {
            tmpMessage.subtype_id = this.mt_note;
        }
        return super.doMessagePost(...arguments);
    },
});

patch(ComposerAction.prototype, {
    _condition({ action, composer }) {
        const thread = composer?.targetThread;
        const { isMoreAction } = action.definition;
        if (isWhatsapp(thread) && thread.isWhatsappNoting && !isMoreAction) {
            if (!composer.message && !NOTE_ACTIONS.includes(action.id)) {
                return false;
            }
        }
        return super._condition(...arguments);
    },
});

patch(SuggestionService.prototype, {
    /** @override Colleagues can be mentioned where the customer does not read. */
    getSupportedDelimiters(thread) {
        return isWhatsapp(thread) && thread.isWhatsappNoting
            ? [["@"], [":", undefined, 2]]
            : super.getSupportedDelimiters(...arguments);
    },
    /** @override */
    getPartnerSuggestions(thread) {
        return isWhatsapp(thread)
            ? [...thread.whatsapp_omni_colleague_ids]
            : super.getPartnerSuggestions(...arguments);
    },
});

/** A function, because `super` belongs to the one object that patches. */
function makePatch() {
    return {
        get isWhatsappComposerHidden() {
            return super.isWhatsappComposerHidden && !this.thread.isWhatsappNoting;
        },
    };
}
patch(ChatWindow.prototype, makePatch());
patch(DiscussContent.prototype, makePatch());

registerComposerAction("whatsapp-note", {
    condition: ({ composer }) => isWhatsapp(composer.targetThread) && !composer.message,
    icon: ({ composer }) =>
        composer.targetThread?.isWhatsappNoting ? "fa fa-sticky-note" : "fa fa-sticky-note-o",
    isActive: ({ composer }) => Boolean(composer.targetThread?.isWhatsappNoting),
    name: ({ composer }) =>
        composer.targetThread?.isWhatsappNoting
            ? _t("Back to the customer (Alt+N)")
            : _t("Private note (Alt+N)"),
    onSelected: ({ composer }) => composer.targetThread.switchWhatsappNote(),
    sequenceQuick: 15,
});
