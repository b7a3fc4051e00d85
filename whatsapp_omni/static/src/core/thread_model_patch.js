import { fields } from "@mail/core/common/record";
import { Thread } from "@mail/core/common/thread_model";

import { isHtmlEmpty } from "@web/core/utils/html";
import { patch } from "@web/core/utils/patch";

import { markup } from "@odoo/owl";

import { CONVERSATION_MODEL, isWhatsapp } from "@whatsapp_omni/core/constants";

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** The latest conversation, as the channel names it. */
        this.whatsapp_omni_conversation_id = fields.One(CONVERSATION_MODEL);
        /** @type {string} */
        this.whatsapp_omni_customer_name = undefined;
        this.whatsappConversations = fields.Many(CONVERSATION_MODEL, {
            inverse: "channel_id",
        });
        this.whatsappDeskAsThread = fields.One("WhatsappDesk");
        /**
         * What stands where the composer is. Kept, because each bubble asks for it, and need
         * not be drawn again whenever another message of the customer moves the window's end.
         *
         * @type {"open"|"peek"|"transferred"|"colleague"|"archived"|"unreachable"|"window"|"closed"}
         */
        this.whatsappComposerState = fields.Attr("closed", {
            compute() {
                return this._computeWhatsappComposerState();
            },
        });
    },
    /** @returns {import("models").Conversation|undefined} */
    get whatsappConversation() {
        return (
            this.whatsappConversations.find(({ state }) => state && state !== "closed") ??
            this.whatsapp_omni_conversation_id
        );
    },
    /**
     * @param {number} conversationId
     * @returns {boolean} whether the composer still is for this conversation
     */
    writesInWhatsapp(conversationId) {
        const conversation = this.whatsappConversation;
        const isOpen = Boolean(conversation?.state) && conversation.state !== "closed";
        const isWriting = conversation?.takesPart || this.isWhatsappNoting;
        return isOpen && conversation.id === conversationId && Boolean(isWriting);
    },
    /** Take all that was said here off the page. */
    forgetWhatsapp() {
        this.store.ChatWindow.get({ thread: this })?.close({ force: true, notifyState: false });
        for (const message of [...this.allMessages]) {
            message.delete();
        }
        this.delete();
    },
    _computeWhatsappComposerState() {
        const conversation = this.whatsappConversation;
        if (conversation?.takesPart || (this.self_member_id && !conversation?.state)) {
            return conversation?.obstacle ?? "open";
        }
        return conversation?.readOnlyState ?? "closed";
    },
    /** @override */
    computeIsDisplayed() {
        const desk = this.whatsappDeskAsThread;
        const isOnPage = !this.store.env.services.ui.isSmall || desk?.page === "thread";
        return (desk?.isActive && isOnPage) || super.computeIsDisplayed();
    },
    /** @override Members are subscribed by the server; those who only read are not. */
    get shouldSubscribeToBusChannel() {
        return (
            super.shouldSubscribeToBusChannel ||
            Boolean(this.whatsappDeskAsThread && !this.self_member_id)
        );
    },
    /** @override A parked reply leaves by itself: nobody has read what came before it. */
    onNewSelfMessage() {
        if (!isWhatsapp(this) || this.isDisplayed) {
            super.onNewSelfMessage(...arguments);
        }
    },
    /** @override */
    get inChathubOnNewMessage() {
        return !isWhatsapp(this) && super.inChathubOnNewMessage;
    },
    /** @override */
    get notifyWhenOutOfFocus() {
        return isWhatsapp(this) ? Boolean(this.self_member_id) : super.notifyWhenOutOfFocus;
    },
    /** @override It gives the messaging menu its preview, time and counter. */
    get isChatChannel() {
        return isWhatsapp(this) || super.isChatChannel;
    },
    /** @override */
    get supportsCustomChannelName() {
        return !isWhatsapp(this) && super.supportsCustomChannelName;
    },
    /** @override */
    get prefix() {
        return isWhatsapp(this) ? "" : super.prefix;
    },
    /** @override */
    get displayName() {
        return isWhatsapp(this)
            ? this.whatsappConversation?.name ||
                  this.whatsapp_omni_customer_name ||
                  super.displayName
            : super.displayName;
    },
    /** @override */
    get avatarUrl() {
        return (isWhatsapp(this) && this.whatsappConversation?.avatar_url) || super.avatarUrl;
    },
    /** @override */
    _computeDiscussAppCategory() {
        return isWhatsapp(this)
            ? this.store.discuss.whatsappCategory
            : super._computeDiscussAppCategory();
    },
    /** @override The desk is where a WhatsApp thread opens, except inside Discuss. */
    openChannel() {
        const { discuss, env } = this.store;
        if (isWhatsapp(this) && (!discuss.isActive || env.services.ui.isSmall)) {
            this.openWhatsappDesk();
            return true;
        }
        return super.openChannel();
    },
    openWhatsappDesk() {
        return this.store.whatsappDesk.show(this.whatsappConversation?.id);
    },
    /** @override Files and ticks come after their messages, so often while these are asked. */
    fetchMessages() {
        return isWhatsapp(this)
            ? this.store.askBehindNews(() => super.fetchMessages(...arguments))
            : super.fetchMessages(...arguments);
    },
    /** @override The answer replaces what was listed, also what came after it was asked for. */
    async loadAround() {
        await super.loadAround(...arguments);
        if (isWhatsapp(this) && !this.loadNewer) {
            const newestId = this.newestPersistentMessage?.id ?? 0;
            this.messages.push(
                ...this.newestPersistentAllMessages.filter(({ id }) => id > newestId).reverse()
            );
        }
    },
    /** @override The server would count every message of the channel, for nothing. */
    async markAsFetched() {
        if (!isWhatsapp(this)) {
            await super.markAsFetched();
        }
    },
    /**
     * Give back to the composer what the server did not take.
     *
     * @param {import("models").Message} message the temporary one
     */
    takeBackWhatsapp(message) {
        const { composer } = this;
        const { body, attachment_ids, parent_id } = message;
        composer.composerHtml = isHtmlEmpty(composer.composerHtml)
            ? body
            : markup`${body}<br>${composer.composerHtml}`;
        composer.attachments.push(...attachment_ids);
        composer.replyToMessage ??= parent_id;
        composer.autofocus++;
        this.messages.delete(message);
        message.delete();
    },
});
