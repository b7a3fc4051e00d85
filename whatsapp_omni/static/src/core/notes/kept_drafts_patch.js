import { Composer } from "@mail/core/common/composer";
import { Thread } from "@mail/core/common/thread_model";

import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import "@whatsapp_omni/core/notes/note_mode_patch";

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
    },
    /** Keep what is half written in this browser, each on its side. */
    keepWhatsappDrafts() {
        const here = condense(this.composer);
        const other = condense(this.whatsappOtherDraft);
        if (!here && !other) {
            browser.localStorage.removeItem(keyOf(this));
            return;
        }
        const [answer, note] = this.isWhatsappNoting ? [other, here] : [here, other];
        browser.localStorage.setItem(keyOf(this), JSON.stringify({ answer, note }));
    },
    /** Go on with what was half written when the page was left. */
    restoreWhatsappDrafts() {
        if (this.areWhatsappDraftsRestored) {
            return;
        }
        this.areWhatsappDraftsRestored = true;
        const { answer, note } = JSON.parse(browser.localStorage.getItem(keyOf(this))) ?? {};
        const [here, other] = this.isWhatsappNoting ? [note, answer] : [answer, note];
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
