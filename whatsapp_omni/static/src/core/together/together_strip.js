import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { INVITATION_MODEL } from "@whatsapp_omni/core/constants";

/**
 * Who takes part in a conversation, and who is asked to.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @extends {Component<Props, Env>}
 */
export class TogetherStrip extends Component {
    static template = "whatsapp_omni.TogetherStrip";
    static props = ["conversation"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.orm = useService("orm");
    }

    get conversation() {
        return this.props.conversation;
    }

    get togetherText() {
        const { owner_partner_id: owner, guestNames: guests } = this.conversation;
        return _t("%(agent)s with %(guests)s: all of them write to the customer.", {
            agent: owner?.name ?? "",
            guests,
        });
    }

    get askedText() {
        return _t("%(names)s: asked to join", {
            names: this.conversation.invitations.map(({ whom }) => whom).join(", "),
        });
    }

    withdraw() {
        const ids = this.conversation.invitations.map(({ id }) => id);
        return Promise.all(
            ids.map((id) => this.orm.call(INVITATION_MODEL, "action_withdraw", [[id]]))
        );
    }

    leave() {
        return this.store.whatsappDesk.leaveConference(this.conversation);
    }

    end() {
        return this.store.whatsappDesk.endConference(this.conversation);
    }
}
