import { ChatWindow } from "@mail/core/common/chat_window";
import { Composer } from "@mail/core/common/composer";
import { ComposerAction, registerComposerAction } from "@mail/core/common/composer_actions";
import { Composer as ComposerModel } from "@mail/core/common/composer_model";
import { Store } from "@mail/core/common/store_service";
import { SuggestionService } from "@mail/core/common/suggestion_service";
import { fields } from "@mail/core/common/record";
import { Thread } from "@mail/core/common/thread_model";
import { DiscussContent } from "@mail/core/public_web/discuss_content";
import "@mail/discuss/core/common/suggestion_service_patch";

import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import "@whatsapp_omni/core/composer_actions_patch";
import "@whatsapp_omni/core/composer_busy_patch";
import "@whatsapp_omni/core/composer_patch";
import { isWhatsapp } from "@whatsapp_omni/core/constants";
import "@whatsapp_omni/core/discuss_content_patch";
import "@whatsapp_omni/core/quick_replies/composer_quick_replies_patch";
import "@whatsapp_omni/core/store_patch";
import "@whatsapp_omni/core/suggestion_service_patch";
import "@whatsapp_omni/core/thread_model_patch";

const NOTE = "mail.mt_note";
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
    /**
     * Change between the note and the answer, each with a draft of its own. What is
     * recorded or uploaded stays on the side where that began: until it is there, nothing
     * changes.
     *
     * @param {boolean} [isNoting]
     * @returns {boolean} whether it is as wished now
     */
    switchWhatsappNote(isNoting = !this.isWhatsappNoting) {
        const { composer } = this;
        if (isNoting !== this.isWhatsappNoting) {
            if (composer.warnIfWhatsappBusy()) {
                return false;
            }
            const other = this.whatsappOtherDraft;
            this.whatsappOtherDraft = composer.takeWhatsappDraft();
            this.isWhatsappNoting = isNoting;
            composer.putWhatsappDraft(other);
        }
        composer.autofocus++;
        return true;
    },
    /**
     * @override A note that was refused must not come back as an answer: where it cannot
     * come back as a note, it stays in the thread and can be posted again.
     */
    takeBackWhatsapp(message, { partner_ids = [], subtype_xmlid }) {
        if (!this.switchWhatsappNote(subtype_xmlid === NOTE)) {
            return;
        }
        super.takeBackWhatsapp(...arguments);
        // else they would be named, and not told
        this.composer.mentionedPartners.push(
            ...partner_ids.map((id) => this.store["res.partner"].get(id)).filter(Boolean)
        );
    },
});

patch(ComposerModel.prototype, {
    /** @returns {Object} what it held */
    takeWhatsappDraft() {
        const draft = {
            attachments: [...this.attachments],
            composerText: this.composerText,
            mentionedPartners: [...this.mentionedPartners],
            replyToMessage: this.replyToMessage,
            whatsappQuickReplyId: this.whatsappQuickReplyId,
        };
        this.clear();
        this.mentionedPartners.length = 0;
        return draft;
    },
    /** @param {Object} [draft] to go on with */
    putWhatsappDraft({ attachments = [], mentionedPartners = [], ...values } = {}) {
        this.attachments.push(...attachments);
        this.mentionedPartners.push(...mentionedPartners);
        Object.assign(this, values);
    },
    /** @override Quick replies are for the customer, whatever was written before. */
    whatsappUseQuickReply() {
        if (this.message || this.targetThread.switchWhatsappNote(false)) {
            super.whatsappUseQuickReply(...arguments);
        }
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
});

patch(Store.prototype, {
    /** @override Else a note looks like an answer until the server has spoken. */
    async doMessagePost(params, tmpMessage) {
        if (
            isWhatsapp(tmpMessage?.thread) &&
            params.post_data.subtype_xmlid === NOTE &&
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
