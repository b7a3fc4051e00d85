import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

/**
 * Stands where the composer would be as long as we may not write.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} [conversation] unknown when it is closed
 * @property {"peek"|"locked"|"colleague"|"unreachable"|"window"|"closed"} state
 * @extends {Component<Props, Env>}
 */
export class ComposerBar extends Component {
    static template = "whatsapp_omni.ComposerBar";
    static props = ["conversation?", "state"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
    }

    get icon() {
        return {
            peek: "fa-eye",
            locked: "fa-lock",
            colleague: "fa-user",
            unreachable: "fa-chain-broken",
            window: "fa-hourglass-end",
            closed: "fa-archive",
        }[this.props.state];
    }

    get title() {
        switch (this.props.state) {
            case "peek":
                return _t("Take the conversation to answer.");
            case "locked":
                return _t("Take the conversation to read and answer it.");
            case "colleague": {
                const name = this.props.conversation?.owner_partner_id?.name;
                return name
                    ? _t("%(name)s attends this conversation.", { name })
                    : _t("A colleague attends this conversation.");
            }
            case "unreachable":
                return _t("WhatsApp no longer tells how to reach this customer.");
            case "window":
                return _t("The 24-hour window is closed.");
        }
        return _t("This conversation is closed.");
    }

    get explanation() {
        switch (this.props.state) {
            case "peek":
                return _t("The customer does not see that you read it.");
            case "window":
                return _t("You can write again as soon as the customer does.");
            case "unreachable":
            case "closed":
                return _t("A new one starts when the customer writes again.");
        }
        return undefined;
    }

    get canTake() {
        return ["peek", "locked"].includes(this.props.state);
    }

    take() {
        return this.store.whatsappDesk.capture(this.props.conversation);
    }
}
