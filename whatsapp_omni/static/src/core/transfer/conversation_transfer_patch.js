import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";

import { CONVERSATION_MODEL, TRANSFER_MODEL } from "@whatsapp_omni/core/constants";
import { Conversation } from "@whatsapp_omni/core/conversation_model";

patch(Conversation.prototype, {
    /** @returns {Promise<{agents: Object[], queues: Object[]}>} */
    fetchTransferTargets() {
        const { orm } = this.store.env.services;
        return orm.silent.call(CONVERSATION_MODEL, "get_transfer_targets", [[this.id]]);
    },
    /** Have back what nobody has taken yet. */
    async takeBack() {
        await takeBack(this.store, this.transfer.id, this.id);
    },
    /** @param {string} reason */
    async refuseTransfer(reason) {
        const { orm } = this.store.env.services;
        await orm.silent.call(TRANSFER_MODEL, "action_refuse", [[this.transfer.id]], { reason });
    },
});

/**
 * Take a transfer back: also where the conversation has left our inbox since.
 *
 * @param {import("models").Store} store
 * @param {number} transferId
 * @param {number} conversationId
 */
export async function takeBack(store, transferId, conversationId) {
    const { notification, orm } = store.env.services;
    try {
        await orm.silent.call(TRANSFER_MODEL, "action_withdraw", [[transferId]]);
    } catch (error) {
        if (!(error instanceof RPCError)) {
            throw error;
        }
        notification.add(error.data?.message ?? error.message, { type: "warning" });
        return;
    }
    notification.add(_t("The transfer is taken back."), { type: "success" });
    if (store.whatsappDesk.isActive) {
        await store.whatsappDesk.open(conversationId);
        // it is somebody's again, also while the bus has still to say so
        store.whatsappDesk.showTab("attended");
    }
}
