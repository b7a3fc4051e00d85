import { Component, onWillStart, useState } from "@odoo/owl";

import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { formatMoment } from "@whatsapp_omni/core/formatting";

const { DateTime } = luxon;

/** When working days begin, as far as the quick choices are concerned. */
const MORNING = { hour: 9, minute: 0, second: 0, millisecond: 0 };

/**
 * @param {luxon.DateTime} [moment]
 * @param {import("models").Conversation} conversation
 * @returns {string|undefined} why nothing can be sent at this moment
 */
export function explainMoment(moment, conversation) {
    if (!moment) {
        return _t("Choose when it is to be sent.");
    }
    if (moment <= DateTime.now()) {
        return _t("This time has passed.");
    }
    const { window_end: end } = conversation;
    if (!end || moment >= end) {
        return _t(
            "The 24-hour window ends at %(end)s. Choose an earlier time, or send a template then.",
            { end: end ? formatMoment(end) : "–" }
        );
    }
    return undefined;
}

/**
 * Choose when something is sent: by what is usual, or any time in the window.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {luxon.DateTime} [moment]
 * @property {(moment: luxon.DateTime|undefined) => void} onChange
 * @extends {Component<Props, Env>}
 */
export class SendTime extends Component {
    static template = "whatsapp_omni.SendTime";
    static components = { DateTimeInput };
    static props = ["conversation", "moment?", "onChange"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.openedAt = DateTime.now();
        // nobody plans by the second
        this.format = localization.dateTimeFormat.replace(/:ss/, "");
        this.state = useState({
            /** @type {string|false} the customer's */
            timezone: false,
        });
        onWillStart(async () => {
            const { timezone } = await this.orm.call(CONVERSATION_MODEL, "get_send_later", [
                [this.props.conversation.id],
            ]);
            this.state.timezone = timezone;
        });
    }

    get now() {
        return DateTime.now();
    }

    get choices() {
        const tomorrow = this.now.plus({ days: 1 }).set(MORNING);
        const inAnHour = this.now.plus({ hours: 1 }).set({ second: 0, millisecond: 0 });
        const choices = [
            { id: "hour", label: _t("In 1 hour"), moment: inAnHour },
            { id: "tomorrow", label: _t("Tomorrow 9:00"), moment: tomorrow },
        ];
        const { timezone } = this.state;
        if (timezone) {
            const theirs = this.now.setZone(timezone).plus({ days: 1 }).set(MORNING);
            if (theirs.isValid && theirs.toMillis() !== tomorrow.toMillis()) {
                choices.push({
                    id: "theirs",
                    label: _t("Tomorrow 9:00, customer's time"),
                    title: timezone,
                    moment: theirs.setZone(this.now.zone),
                });
            }
        }
        return choices.map((choice) => ({
            ...choice,
            problem: explainMoment(choice.moment, this.props.conversation),
        }));
    }

    get problem() {
        return this.props.moment && explainMoment(this.props.moment, this.props.conversation);
    }

    onChange(moment) {
        this.props.onChange(moment || undefined);
    }
}
