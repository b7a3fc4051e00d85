import { ChatWindow } from "@mail/core/common/chat_window";
import { Discuss } from "@mail/core/public_web/discuss";
import { DiscussContent } from "@mail/core/public_web/discuss_content";

import { useEffect } from "@odoo/owl";

import { patch } from "@web/core/utils/patch";

import { ComposerBar } from "@whatsapp_omni/core/composer_bar/composer_bar";
import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { ConversationHeader } from "@whatsapp_omni/core/conversation_header/conversation_header";
import { IdentifyBanner } from "@whatsapp_omni/core/identify/identify_banner";
import { ParkedReplies } from "@whatsapp_omni/core/parked_replies/parked_replies";

Object.assign(DiscussContent.components, {
    ComposerBar,
    ConversationHeader,
    IdentifyBanner,
    ParkedReplies,
});
Object.assign(ChatWindow.components, { ComposerBar, ParkedReplies });

/**
 * Have the state of the conversation known wherever its thread is shown. A function,
 * because `super` belongs to the one object that patches.
 */
function makePatch() {
    return {
        setup() {
            super.setup(...arguments);
            useEffect(
                (isNeeded) => {
                    if (isNeeded) {
                        this.store.whatsappDesk.start();
                    }
                },
                () => [this.isWhatsapp]
            );
        },
        get isWhatsapp() {
            return isWhatsapp(this.thread);
        },
        /** What leaves later, shown above the composer; the bar shows it itself. */
        get hasWhatsappParkedReplies() {
            return (
                this.isWhatsapp &&
                this.thread.whatsappComposerState === "open" &&
                this.thread.whatsappConversation?.parked_replies.length > 0
            );
        },
        get isWhatsappComposerHidden() {
            return this.isWhatsapp && this.thread.whatsappComposerState !== "open";
        },
    };
}

patch(Discuss.prototype, {
    setup() {
        super.setup(...arguments);
        useEffect(
            (hasThreads) => {
                if (hasThreads) {
                    this.store.whatsappDesk.start();
                }
            },
            () => [this.store.discuss.whatsappCategory?.threads.length > 0]
        );
    },
});
patch(ChatWindow.prototype, makePatch());
patch(DiscussContent.prototype, makePatch());
patch(DiscussContent.prototype, {
    /** Whether somebody should say who the customer is. */
    get isWhatsappStranger() {
        const { state, is_identified } =
            (this.isWhatsapp && this.thread.whatsappConversation) || {};
        return Boolean(state) && state !== "closed" && !is_identified;
    },
    /** @override */
    get showThreadAvatar() {
        return this.isWhatsapp || super.showThreadAvatar;
    },
});
