import { Component, useEffect, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { identify } from "@whatsapp_omni/core/identify/identify";

/**
 * Contacts that an unknown customer may be, one click each.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {number} limit
 * @extends {Component<Props, Env>}
 */
export class Candidates extends Component {
    static template = "whatsapp_omni.Candidates";
    static props = ["conversation", "limit"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.state = useState({ isBusy: false });
        useEffect(
            () => {
                this.props.conversation.fetchCandidates();
            },
            () => {
                const { id, name, is_identified } = this.props.conversation;
                return [id, name, is_identified];
            }
        );
    }

    get shown() {
        return (this.props.conversation.candidates ?? []).slice(0, this.props.limit);
    }

    titleOf({ match, name, number }) {
        const reason = match === "number" ? _t("Same number") : _t("Same name");
        return [_t("Link to %(name)s", { name }), reason, number].filter(Boolean).join(" · ");
    }

    async choose({ id }) {
        this.state.isBusy = true;
        try {
            await identify(this.props.conversation, id);
        } finally {
            this.state.isBusy = false;
        }
    }
}
