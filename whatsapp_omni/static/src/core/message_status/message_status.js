import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

const SIGNS = {
    queued: { icon: "fa-clock-o", label: _t("Waiting to be sent") },
    sending: { icon: "fa-clock-o", label: _t("Being sent") },
    unknown: { icon: "fa-question-circle", label: _t("We do not know whether it left") },
    submitted: { icon: "fa-check", label: _t("Handed over to the provider") },
    sent: { icon: "fa-check", label: _t("Sent") },
    delivered: { icon: "fa-check", label: _t("Delivered"), isDouble: true },
    read: { icon: "fa-check", label: _t("Read"), isDouble: true },
    failed: { icon: "fa-exclamation-circle", label: _t("Not delivered") },
    cancelled: { icon: "fa-ban", label: _t("Cancelled") },
};

/**
 * The ticks of a message that we sent.
 *
 * @typedef {Object} Props
 * @property {import("models").Message} message
 * @property {string} [className]
 * @extends {Component<Props, Env>}
 */
export class MessageStatus extends Component {
    static template = "whatsapp_omni.MessageStatus";
    static props = ["message", "className?"];

    get state() {
        return this.props.message.whatsapp_omni_status.state;
    }

    get sign() {
        return SIGNS[this.state] ?? SIGNS.unknown;
    }
}

/**
 * Why a message did not arrive, or may not have, and what can be done.
 *
 * @typedef {Object} Props
 * @property {import("models").Message} message
 * @extends {Component<Props, Env>}
 */
export class MessageTrouble extends Component {
    static template = "whatsapp_omni.MessageTrouble";
    static props = ["message"];

    get status() {
        return this.props.message.whatsapp_omni_status;
    }

    get text() {
        if (this.status.state === "unknown") {
            return this.status.reason || _t("We do not know whether it left.");
        }
        return this.status.reason
            ? _t("Not delivered: %(reason)s", { reason: this.status.reason })
            : _t("Not delivered.");
    }

    get advice() {
        if (this.status.state === "unknown" && !this.status.action) {
            return _t("Ask the customer before you send it again: it may arrive twice.");
        }
        return this.status.action;
    }

    retry() {
        return this.props.message.retryWhatsapp();
    }
}
