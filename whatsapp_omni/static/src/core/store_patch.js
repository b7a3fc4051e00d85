import { fields } from "@mail/core/common/record";
import { Store } from "@mail/core/common/store_service";

import { RPCError } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";
import { uuid } from "@web/core/utils/strings";

import { isWhatsapp } from "@whatsapp_omni/core/constants";

/**
 * Say how much of a channel is unread after a message, as the server would have: with each
 * message the page counts by itself, and what was told before is overtaken.
 *
 * @param {import("models").Thread} channel
 */
function countOf({ self_member_id: member }) {
    if (!member) {
        return {};
    }
    const { id, message_unread_counter, message_unread_counter_bus_id } = member;
    return {
        "discuss.channel.member": [{ id, message_unread_counter, message_unread_counter_bus_id }],
    };
}

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        this.whatsappDesk = fields.One("WhatsappDesk", { compute: () => ({}) });
        this.whatsappAgent = fields.One("WhatsappAgent", { compute: () => ({}) });
        /**
         * How this user stands as an agent, and what rings at them.
         *
         * @type {{
         *   has_queue: boolean, mine: Object,
         *   offers: {conversation_id: number, seconds: number}[],
         * }|undefined}
         */
        this.whatsapp_omni_agent = fields.Attr(undefined);
        /**
         * What the server says about the desk of this user.
         *
         * @type {{
         *   is_agent: boolean, has_queue: boolean, is_supervisor: boolean,
         *   is_administrator: boolean,
         *   today: {opened: number, closed: number},
         *   setup: Object<string, boolean>|false,
         * }|undefined}
         */
        this.whatsapp_omni_inbox = fields.Attr(undefined);
    },
    /**
     * Ask the server, and have what the bus told meanwhile outlive the answer: that shows
     * what the server saw when it was asked, and is inserted when it comes.
     *
     * @template T
     * @param {() => Promise<T>} ask inserts the answer before it resolves
     * @returns {Promise<T>}
     */
    async askBehindNews(ask) {
        const { bus, services } = this.env;
        const { bus_service: busService } = services;
        const news = [];
        const keep = (payload) => news.push(payload);
        const keepCount = ({ detail: { channel } }) => news.push(countOf(channel));
        busService.subscribe("mail.record/insert", keep);
        bus.addEventListener("discuss.channel/new_message", keepCount);
        try {
            return await ask();
        } finally {
            busService.unsubscribe("mail.record/insert", keep);
            bus.removeEventListener("discuss.channel/new_message", keepCount);
            // at once: each update by itself would sort the whole desk
            this.MAKE_UPDATE(() => news.forEach((payload) => this.insert(payload)));
        }
    },
    /** @override Who reads meanwhile would see as unread again what the answer still counts. */
    fetchChannel(channelId) {
        const thread = this.Thread.get({ model: "discuss.channel", id: channelId });
        return isWhatsapp(thread)
            ? this.askBehindNews(() => super.fetchChannel(...arguments))
            : super.fetchChannel(...arguments);
    },
    /**
     * A refused message comes back to the composer, and the server's reason is told. What
     * did not get through keeps a triangle, as in the original; the server may have got it
     * all the same, and takes a message of the same name once, however often it is sent.
     *
     * @override
     */
    async doMessagePost(params, tmpMessage) {
        if (!isWhatsapp(tmpMessage?.thread)) {
            return super.doMessagePost(...arguments);
        }
        params.post_data.whatsapp_omni_token ??= uuid();
        try {
            // without temporary message the original lets the error pass
            return await super.doMessagePost(params);
        } catch (error) {
            if (error instanceof RPCError) {
                const reason = error.data?.message ?? error.message;
                this.env.services.notification.add(reason, { type: "danger" });
                tmpMessage.thread.takeBackWhatsapp(tmpMessage, params.post_data);
            }
            if (tmpMessage.exists()) {
                tmpMessage.postFailRedo = () => {
                    tmpMessage.postFailRedo = undefined;
                    this.doMessagePost(params, tmpMessage);
                };
            }
        }
    },
});
