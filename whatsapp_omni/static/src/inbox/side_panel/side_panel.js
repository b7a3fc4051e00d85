import { Component, useEffect, useState } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";

import { CUSTOMER_MODEL } from "@whatsapp_omni/core/constants";
import { formatMoment } from "@whatsapp_omni/core/formatting";
import { WindowLeft } from "@whatsapp_omni/core/window_left/window_left";

/**
 * Who the customer is and how the conversation went.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {boolean} isOverlay
 * @extends {Component<Props, Env>}
 */
export class SidePanel extends Component {
    static template = "whatsapp_omni.SidePanel";
    static components = { WindowLeft };
    static props = ["conversation", "isOverlay"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.ui = useService("ui");
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.state = useState({ panel: undefined, hasFailed: false });
        this.keepLast = new KeepLast();
        useEffect(
            () => {
                this.load();
            },
            // what the server tells by the bus and the panel shows as a consequence
            () => [
                this.conversation.id,
                this.conversation.name,
                this.conversation.isCapturing,
                this.conversation.state,
                this.conversation.opted_out,
                this.conversation.window_expired,
                this.conversation.awaits_answer,
                this.conversation.parked_replies?.length,
                this.conversation.owner_user_id,
                this.conversation.queue_id?.id,
            ]
        );
    }

    get conversation() {
        return this.props.conversation;
    }

    get desk() {
        return this.store.whatsappDesk;
    }

    get customer() {
        return this.state.panel?.customer;
    }

    get facts() {
        const { conversation, state } = this;
        const facts = [
            { name: _t("Opened"), value: this.moment(state.panel.conversation.opened_at) },
            { name: _t("Taken"), value: this.moment(state.panel.conversation.attended_at) },
            { name: _t("By"), value: conversation.owner_partner_id?.name },
            { name: _t("Queue"), value: conversation.queue_id?.name },
            { name: _t("Line"), value: conversation.line_name },
        ];
        return facts.filter(({ value }) => value);
    }

    /** @param {{what: string, reason: string|false}} change */
    changeText({ what, reason }) {
        return reason ? _t("%(change)s: %(reason)s", { change: what, reason }) : what;
    }

    /** @param {string|false} serialized the server's notation of a date and time */
    moment(serialized) {
        return serialized ? formatMoment(deserializeDateTime(serialized)) : "";
    }

    async load() {
        if (this.conversation.isCapturing) {
            return;
        }
        try {
            this.state.panel = await this.keepLast.add(this.desk.fetchPanel(this.conversation));
            this.state.hasFailed = false;
        } catch (error) {
            this.state.hasFailed = true;
            throw error;
        }
    }

    get consentText() {
        return _t("No marketing messages since %(moment)s", {
            moment: this.moment(this.customer.opt_out_at),
        });
    }

    /**
     * Note what the customer told us about marketing, once the agent has confirmed it.
     *
     * @param {boolean} isStopping
     */
    askConsent(isStopping) {
        this.dialog.add(ConfirmationDialog, {
            title: isStopping ? _t("Stop marketing messages?") : _t("Allow marketing messages?"),
            body: isStopping
                ? _t("Nobody will be able to send marketing templates to this customer.")
                : _t("Only continue if the customer has agreed: your name will be noted."),
            confirmLabel: isStopping ? _t("Stop marketing") : _t("Allow marketing"),
            confirm: () => this.chooseConsent(isStopping),
            cancel: () => {},
        });
    }

    async chooseConsent(isStopping) {
        const method = isStopping ? "action_opt_out" : "action_opt_in";
        await this.orm.call(CUSTOMER_MODEL, method, [[this.customer.id]]);
        await this.load();
    }

    linkContact() {
        this.dialog.add(SelectCreateDialog, {
            title: _t("Whose number is it?"),
            resModel: "res.partner",
            multiSelect: false,
            context: {
                default_name: this.customer.profile_name || "",
                default_phone: this.customer.number || "",
            },
            onSelected: ([partnerId]) => this.identify(partnerId),
        });
    }

    async identify(partnerId) {
        await this.orm.call(CUSTOMER_MODEL, "action_identify", [[this.customer.id], partnerId]);
        // Not awaited: a load that another one overtakes never ends, nor would the dialog.
        this.load();
    }

    openContact() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.customer.partner.id,
            views: [[false, "form"]],
        });
    }
}
