import { Component, useState } from "@odoo/owl";

import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { Dialog } from "@web/core/dialog/dialog";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { formatMoment } from "@whatsapp_omni/core/formatting";
import { useSending } from "@whatsapp_omni/core/sending_hook";

const { DateTime } = luxon;
const MORNING = { hour: 9, minute: 0, second: 0, millisecond: 0 };

/**
 * The times that people choose most, in the agent's own time zone.
 *
 * @param {luxon.DateTime} now
 */
export function usualTimes(now) {
    return [
        { name: _t("In 1 hour"), moment: now.plus({ hours: 1 }) },
        { name: _t("In 3 hours"), moment: now.plus({ hours: 3 }) },
        { name: _t("Tomorrow morning"), moment: now.plus({ days: 1 }).set(MORNING) },
        { name: _t("Next Monday"), moment: now.plus({ days: 8 - now.weekday }).set(MORNING) },
    ];
}

/**
 * Park a conversation until a time, or until its customer writes.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class PutAsideDialog extends Component {
    static template = "whatsapp_omni.PutAsideDialog";
    static components = { DateTimeInput, Dialog };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.notification = useService("notification");
        this.sending = useSending();
        this.state = useState({ moment: false });
        this.times = usualTimes(DateTime.now());
    }

    get title() {
        return _t("Park the conversation with %(name)s", { name: this.props.conversation.name });
    }

    /** @param {luxon.DateTime} moment */
    momentText(moment) {
        return formatMoment(moment);
    }

    /** @param {luxon.DateTime} [moment] none: until the customer writes */
    async park(moment) {
        const { conversation } = this.props;
        await this.sending.run(async () => {
            await conversation.call("action_put_aside", moment ? serializeDateTime(moment) : false);
            this.props.close();
            this.tellUndo(conversation);
            conversation.store.whatsappDesk.leave(conversation);
        });
    }

    tellUndo(conversation) {
        conversation.removeParkedNotice = this.notification.add(
            _t("Parked: %(name)s. It comes back by itself.", { name: conversation.name }),
            {
                type: "success",
                buttons: [
                    {
                        name: _t("Undo"),
                        onClick: () => {
                            conversation.removeParkedNotice();
                            conversation.call("action_resume");
                        },
                    },
                ],
            }
        );
    }
}
