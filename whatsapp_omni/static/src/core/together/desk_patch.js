import { fields } from "@mail/core/common/record";

import { patch } from "@web/core/utils/patch";

import { INVITATION_MODEL } from "@whatsapp_omni/core/constants";
import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";
import "@whatsapp_omni/core/together/invitation_model";

patch(WhatsappDesk.prototype, {
    setup() {
        super.setup(...arguments);
        this.invitations = fields.Many(INVITATION_MODEL, {
            inverse: "desk",
            onAdd: (invitation) => invitation.ring(),
        });
        /**
         * By conversation: how to remove what was told of it.
         *
         * @type {Map<number, (() => void)[]>}
         */
        this.notices = new Map();
    },
    /**
     * @param {number} conversationId
     * @param {() => void} remove
     */
    keepNotice(conversationId, remove) {
        this.notices.set(conversationId, [...(this.notices.get(conversationId) ?? []), remove]);
    },
    /** @override Nobody asks who may not join, and nothing leads to what was told. */
    forget() {
        super.forget(...arguments);
        for (const invitation of [...this.invitations]) {
            invitation.delete();
        }
        for (const remove of [...this.notices.values()].flat()) {
            remove();
        }
        this.notices.clear();
    },
    /** @override Who reads a conversation need not be led to it any more. */
    select(conversation) {
        super.select(...arguments);
        for (const remove of this.notices.get(conversation?.id) ?? []) {
            remove();
        }
        this.notices.delete(conversation?.id);
    },
});
