import { Composer } from "@mail/core/common/composer";
import { fields } from "@mail/core/common/record";
import { Thread } from "@mail/core/common/thread_model";

import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import "@whatsapp_omni/core/notes/note_mode_patch";
import "@whatsapp_omni/core/thread_model_patch";

/** Colleagues may share a browser. */
const keyOf = ({ id }) => `whatsapp_omni.drafts.${user.userId}.${id}`;

/** What outlives the page of what a composer, or the side that is not on screen, holds. */
function condense({ composerText = "", replyToMessage } = {}) {
    return composerText ? { composerText, replyToId: replyToMessage?.id } : undefined;
}

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        this.areWhatsappDraftsRestored = false;
        /** Of which conversation the answer is that is half written. */
        this.whatsappDraftOfId = undefined;
        this.whatsappConversationId = fields.Attr(undefined, {
            compute() {
                return this.whatsappConversation?.id;
            },
            eager: true,
            onUpdate() {
                this.dropForeignWhatsappDraft();
            },
        });
    },
    /**
     * What was meant for a conversation that is closed by now must not be sent in the
     * customer's next one. Notes are for colleagues, who read both.
     */
    dropForeignWhatsappDraft() {
        const id = this.whatsappConversationId;
        if (!id || id === this.whatsappDraftOfId) {
            return; // nothing is known of the next one yet
        }
        const isForeign = Boolean(this.whatsappDraftOfId);
        this.whatsappDraftOfId = id;
        if (isForeign) {
            const { note } = this._condenseWhatsappDrafts();
            if (this.isWhatsappNoting) {
                this.whatsappOtherDraft = undefined;
            } else {
                this.composer.takeWhatsappDraft();
            }
            this._storeWhatsappDrafts({ note });
        }
    },
    /** Keep what is half written in this browser, each on its side. */
    keepWhatsappDrafts() {
        this._storeWhatsappDrafts(this._condenseWhatsappDrafts());
    },
    _condenseWhatsappDrafts() {
        const here = condense(this.composer);
        const other = condense(this.whatsappOtherDraft);
        const [answer, note] = this.isWhatsappNoting ? [other, here] : [here, other];
        return { answer, note };
    },
    _storeWhatsappDrafts({ answer, note }) {
        if (!answer && !note) {
            browser.localStorage.removeItem(keyOf(this));
            return;
        }
        const conversationId = this.whatsappDraftOfId;
        const drafts = JSON.stringify({ conversationId, answer, note });
        browser.localStorage.setItem(keyOf(this), drafts);
    },
    /** Go on with what was half written when the page was left. */
    restoreWhatsappDrafts() {
        if (this.areWhatsappDraftsRestored) {
            return;
        }
        this.areWhatsappDraftsRestored = true;
        const kept = JSON.parse(browser.localStorage.getItem(keyOf(this))) ?? {};
        const isOurs = kept.conversationId === this.whatsappConversationId;
        const answer = isOurs ? kept.answer : undefined;
        const [here, other] = this.isWhatsappNoting ? [kept.note, answer] : [answer, kept.note];
        this.composer.putWhatsappDraft(this._expandWhatsappDraft(here));
        this.whatsappOtherDraft = this._expandWhatsappDraft(other);
    },
    _expandWhatsappDraft(draft) {
        if (!draft) {
            return undefined;
        }
        const { composerText, replyToId } = draft;
        const replyToMessage = replyToId && this.store["mail.message"].insert(replyToId);
        return { composerText, replyToMessage };
    },
});

patch(Composer.prototype, {
    /** Whether it is one that can write on both sides. */
    get hasWhatsappSides() {
        return isWhatsapp(this.props.composer.thread);
    },
    /** @override Odoo keeps one text for each thread: one side would become the other. */
    saveContent() {
        if (this.hasWhatsappSides) {
            this.props.composer.thread.keepWhatsappDrafts();
        } else {
            super.saveContent();
        }
    },
    /** @override */
    restoreContent() {
        if (this.hasWhatsappSides) {
            this.props.composer.thread.restoreWhatsappDrafts();
        } else {
            super.restoreContent();
        }
    },
    /** @override What was sent is not kept. */
    clear() {
        super.clear();
        if (this.hasWhatsappSides) {
            this.saveContent();
        }
    },
});
