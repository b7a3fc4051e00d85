import { fields } from "@mail/core/common/record";
import { Store } from "@mail/core/common/store_service";

import { RPCError } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";

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
         *   ready: boolean, has_queue: boolean, is_supervisor: boolean,
         *   is_administrator: boolean,
         *   today: {opened: number, closed: number},
         *   setup: Object<string, boolean>|false,
         * }|undefined}
         */
        this.whatsapp_omni_inbox = fields.Attr(undefined);
    },
    /**
     * A refused message comes back to the composer with the server's reason. The
     * original keeps it with a triangle, and tells nothing.
     *
     * @override
     */
    async doMessagePost(params, tmpMessage) {
        if (!isWhatsapp(tmpMessage?.thread)) {
            return super.doMessagePost(...arguments);
        }
        try {
            // without temporary message the original lets the error pass
            return await super.doMessagePost(params);
        } catch (error) {
            if (error instanceof RPCError) {
                tmpMessage.thread.onWhatsappPostRefused(tmpMessage, error);
            } else {
                tmpMessage.postFailRedo = () => {
                    tmpMessage.postFailRedo = undefined;
                    this.doMessagePost(params, tmpMessage);
                };
            }
        }
    },
});
