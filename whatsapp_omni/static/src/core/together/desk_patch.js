import { fields } from "@mail/core/common/record";

import { patch } from "@web/core/utils/patch";

import { INVITATION_MODEL } from "@whatsapp_omni/core/constants";
import "@whatsapp_omni/core/desk/desk_loading_patch";
import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";
import "@whatsapp_omni/core/together/invitation_model";

patch(WhatsappDesk.prototype, {
    setup() {
        super.setup(...arguments);
        this.invitations = fields.Many(INVITATION_MODEL, {
            inverse: "desk",
            onAdd: (invitation) => invitation.ring(),
        });
    },
    /** @override Nobody asks who may not join. */
    forget() {
        super.forget(...arguments);
        for (const invitation of [...this.invitations]) {
            invitation.delete();
        }
    },
});
