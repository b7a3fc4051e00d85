import { patch } from "@web/core/utils/patch";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { user } from "@web/core/user";

import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";

/** Making a conversation ours. */
patch(WhatsappDesk.prototype, {
    /**
     * Make a conversation ours: at once on the screen, then on the server, which alone
     * decides and may say that somebody else was first.
     *
     * @param {import("models").Conversation} conversation
     */
    capture(conversation) {
        return this._take(conversation, "action_capture");
    },
    /**
     * Make a conversation ours that rings at us.
     *
     * @param {import("models").Conversation} conversation
     */
    accept(conversation) {
        return this._take(conversation, "action_accept");
    },
    async _take(conversation, method) {
        if (conversation.isCapturing) {
            return;
        }
        const next = this.neighbourOf(conversation);
        const before = {
            state: conversation.state,
            owner_user_id: conversation.owner_user_id,
            owner_partner_id: conversation.owner_partner_id,
        };
        Object.assign(conversation, {
            isCapturing: true,
            state: "attended",
            owner_user_id: user.userId,
            owner_partner_id: this.store.self_partner,
        });
        this.tab = "attended";
        this.select(conversation);
        // whoever takes it wants to answer, whatever was noted here before
        conversation.channel_id.switchWhatsappNote(false);
        try {
            await this._call(method, [[conversation.id]]);
        } catch (error) {
            conversation.isCapturing = false;
            if (!(error instanceof RPCError)) {
                Object.assign(conversation, before);
                this.tab = "new";
                throw error;
            }
            await this._onCaptureRefused(conversation, next, error);
        } finally {
            conversation.isCapturing = false;
        }
    },
    async _onCaptureRefused(conversation, next, error) {
        if (conversation.isMine) {
            // not ours after all; the server tells below whose it is
            conversation.owner_user_id = false;
        }
        this._warn(error.data?.message ?? error.message);
        this.tab = "new";
        if (this.conversation?.eq(conversation)) {
            this._moveOn(next);
        }
        await this.load();
    },
    /**
     * Somebody took a conversation of our queues.
     *
     * @param {{conversation_id: number, user_name: string}} payload
     */
    onCaptured({ conversation_id, user_name }) {
        const { conversation } = this;
        const isOnScreen = this.isActive && conversation?.id === conversation_id;
        if (!isOnScreen || conversation.isMine || conversation.isCapturing) {
            return;
        }
        this._warn(_t("%(name)s took it.", { name: user_name }));
        if (this.tab === "new") {
            const [next] = this.listed.filter((c) => c.notEq(conversation));
            this._moveOn(next);
        }
    },
});
