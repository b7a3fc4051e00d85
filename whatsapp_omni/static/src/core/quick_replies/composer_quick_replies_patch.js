import { Composer } from "@mail/core/common/composer";
import { Composer as ComposerModel } from "@mail/core/common/composer_model";
import { Store } from "@mail/core/common/store_service";
import { UseSuggestion } from "@mail/core/common/suggestion_hook";
import { SuggestionService } from "@mail/core/common/suggestion_service";
import "@mail/discuss/core/common/suggestion_service_patch";

import { useEffect } from "@odoo/owl";

import { RPCError } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";

import "@whatsapp_omni/core/composer_patch";
import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { openMessagePicker } from "@whatsapp_omni/core/message_picker/message_picker";

const SUGGESTION_TYPE = "WhatsappQuickReply";
/** Nothing but a shortcut: certainly not for the customer while it is looked up. */
const SHORTCUT = /^\/[\p{L}\p{N}_-]+$/u;

patch(SuggestionService.prototype, {
    /** @override */
    async fetchSuggestions({ delimiter }, { thread } = {}) {
        const conversation = thread?.whatsappConversation;
        if (delimiter !== "/" || !isWhatsapp(thread)) {
            return super.fetchSuggestions(...arguments);
        }
        if (conversation && !conversation.quickReplies) {
            await conversation.fetchQuickReplies();
        }
    },
    /** @override */
    searchSuggestions({ delimiter, term }, { thread } = {}) {
        if (delimiter !== "/" || !isWhatsapp(thread)) {
            return super.searchSuggestions(...arguments);
        }
        return {
            type: SUGGESTION_TYPE,
            suggestions: thread.whatsappConversation?.searchQuickReplies(term) ?? [],
        };
    },
});

patch(UseSuggestion.prototype, {
    /** @override A text takes the place of its shortcut; the rest is shown first. */
    insert(option) {
        const { quickReply } = option;
        if (!quickReply) {
            return super.insert(...arguments);
        }
        const { composer, search } = this;
        const text = composer.composerText;
        composer.composerText =
            text.substring(0, search.position) + text.substring(composer.selection.end);
        this.clearSearch();
        composer.whatsappUseQuickReply(quickReply);
    },
});

patch(ComposerModel.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {number|undefined} the quick reply that the text was made from */
        this.whatsappQuickReplyId = undefined;
    },
    /**
     * Put a text into the composer, to be edited and sent; show anything else first.
     *
     * @param {import("@whatsapp_omni/core/quick_replies/conversation_quick_replies_patch").QuickReply} reply
     */
    whatsappUseQuickReply(reply) {
        if (reply.text === false) {
            openMessagePicker(this.targetThread.whatsappConversation, { selectedId: reply.id });
            return;
        }
        const gap = /\S$/.test(this.composerText) ? " " : "";
        this.insertText(gap + reply.text, this.composerText.length);
        this.whatsappQuickReplyId = reply.id;
        this.autofocus++;
    },
});

patch(Composer.prototype, {
    setup() {
        super.setup(...arguments);
        useEffect(
            (conversation) => {
                if (conversation) {
                    this.prefetchWhatsappQuickReplies(conversation);
                }
            },
            () => [this.whatsappAnswered]
        );
        useEffect(
            (isEmpty) => {
                if (isEmpty) {
                    this.props.composer.whatsappQuickReplyId = undefined;
                }
            },
            () => [!this.props.composer.composerText]
        );
    },
    /** @returns {import("models").Conversation|undefined} the one that we may answer */
    get whatsappAnswered() {
        return this.isWhatsapp && this.thread.whatsappComposerState === "open"
            ? this.thread.whatsappConversation
            : undefined;
    },
    /** Before the first "/": a shortcut is typed faster than it is fetched. */
    async prefetchWhatsappQuickReplies(conversation) {
        try {
            await conversation.fetchQuickReplies();
        } catch (error) {
            // a conversation that left us meanwhile; else "/" tells what is wrong
            if (!(error instanceof RPCError)) {
                throw error;
            }
        }
    },
    /** @override */
    get isWhatsappHeldBack() {
        return super.isWhatsappHeldBack || this.isWhatsappShortcutPending;
    },
    get isWhatsappShortcutPending() {
        return (
            this.isWhatsapp &&
            Boolean(this.thread.whatsappConversation?.areQuickRepliesLoading) &&
            SHORTCUT.test(this.props.composer.composerText)
        );
    },
    /** @override */
    get navigableListProps() {
        const props = super.navigableListProps;
        const { items } = this.suggestion?.state ?? {};
        if (items?.type !== SUGGESTION_TYPE) {
            return props;
        }
        return {
            ...props,
            optionTemplate: "whatsapp_omni.QuickReplySuggestion",
            options: items.suggestions.map((quickReply) => ({
                quickReply,
                label: quickReply.name,
                classList: "o-mail-Composer-suggestion",
            })),
        };
    },
    /** @override */
    get postData() {
        const { whatsappQuickReplyId } = this.props.composer;
        return { ...super.postData, whatsappQuickReplyId };
    },
});

patch(Store.prototype, {
    /** @override */
    async getMessagePostParams({ postData, thread }) {
        const params = await super.getMessagePostParams(...arguments);
        if (isWhatsapp(thread) && postData.whatsappQuickReplyId) {
            params.post_data.whatsapp_omni_template_id = postData.whatsappQuickReplyId;
        }
        return params;
    },
});
