import { Component } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { View } from "@web/views/view";

import { CUSTOMER_MODEL } from "@whatsapp_omni/core/constants";
import { formatMoment } from "@whatsapp_omni/core/formatting";
import { Candidates } from "@whatsapp_omni/core/identify/candidates";
import { identify } from "@whatsapp_omni/core/identify/identify";
import { IdentifyDialog } from "@whatsapp_omni/core/identify/identify_dialog";
import { WindowLeft } from "@whatsapp_omni/core/window_left/window_left";
import { LocalTime } from "@whatsapp_omni/inbox/side_panel/local_time";
import { RecordKinds } from "@whatsapp_omni/inbox/side_panel/record_kinds";

/**
 * Who the customer is, and how the conversation went.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {Object} panel what the server tells
 * @property {Object} [records]
 * @property {() => Promise<void>} reload
 * @extends {Component<Props, Env>}
 */
export class ContactTab extends Component {
    static template = "whatsapp_omni.SidePanel.ContactTab";
    static components = { Candidates, LocalTime, RecordKinds, View, WindowLeft };
    static props = ["conversation", "panel", "records?", "reload"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
    }

    get conversation() {
        return this.props.conversation;
    }

    get customer() {
        return this.props.panel.customer;
    }

    get formProps() {
        const { id, view_id } = this.customer.partner;
        return {
            type: "form",
            resModel: "res.partner",
            resId: id,
            viewId: view_id,
            display: { controlPanel: false },
            onSave: () => this.props.reload(),
        };
    }

    get facts() {
        const { conversation, props } = this;
        const facts = [
            { name: _t("Opened"), value: this.moment(props.panel.conversation.opened_at) },
            { name: _t("Taken"), value: this.moment(props.panel.conversation.attended_at) },
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
        await this.props.reload();
    }

    openDialog() {
        this.dialog.add(IdentifyDialog, { conversation: this.conversation });
    }

    unlink() {
        return identify(this.conversation, false);
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
