import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { formatDuration, formatMoment } from "@whatsapp_omni/core/formatting";

/**
 * What is left of the 24 hours in which we may answer; nothing while there is plenty.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {boolean} [always] show it even while there is plenty
 * @extends {Component<Props, Env>}
 */
export class WindowLeft extends Component {
    static template = "whatsapp_omni.WindowLeft";
    static props = ["conversation", "always?"];

    get level() {
        const { conversation } = this.props;
        if (!conversation.window_end) {
            return undefined;
        }
        return conversation.windowLevel ?? (this.props.always ? "plenty" : undefined);
    }

    get attClass() {
        return {
            over: "text-danger",
            urgent: "text-warning",
            short: "text-muted",
            plenty: "",
        }[this.level];
    }

    get text() {
        return this.level === "over"
            ? _t("expired")
            : formatDuration(this.props.conversation.windowLeft);
    }

    get title() {
        const moment = formatMoment(this.props.conversation.window_end);
        return this.level === "over"
            ? _t("The 24-hour window closed on %(moment)s", { moment })
            : _t("The 24-hour window closes on %(moment)s", { moment });
    }
}
