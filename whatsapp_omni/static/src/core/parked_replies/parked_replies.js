import { Component } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

import { PARKED_MODEL } from "@whatsapp_omni/core/constants";
import { formatMoment } from "@whatsapp_omni/core/formatting";
import { ParkDialog } from "@whatsapp_omni/core/parked_replies/park_dialog";

/**
 * What leaves when the customer answers or at a time. Its agent may change and discard
 * it, or send it before its time.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @extends {Component<Props, Env>}
 */
export class ParkedReplies extends Component {
    static template = "whatsapp_omni.ParkedReplies";
    static props = ["conversation"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
    }

    whenText({ send_at, cancel_on_answer }) {
        if (!send_at) {
            return _t("When the customer answers");
        }
        const moment = formatMoment(deserializeDateTime(send_at));
        return cancel_on_answer
            ? _t("%(moment)s, unless the customer writes first", { moment })
            : moment;
    }

    async edit(reply) {
        try {
            const body = reply.is_masked
                ? await this.orm.silent.call(PARKED_MODEL, "get_body", [[reply.id]])
                : reply.body;
            this.dialog.add(ParkDialog, {
                conversation: this.props.conversation,
                reply: { ...reply, body },
            });
        } catch (error) {
            this.explain(error);
        }
    }

    discard(reply) {
        this.dialog.add(ConfirmationDialog, {
            title: reply.send_at
                ? _t("Discard the scheduled reply?")
                : _t("Discard the parked reply?"),
            body: _t("It will not be sent. Its text stays in the conversation, for colleagues."),
            confirmLabel: _t("Discard"),
            confirm: () => this.call("action_cancel", reply),
            cancel: () => {},
        });
    }

    sendNow(reply) {
        return this.call("action_send_now", reply);
    }

    async call(method, reply) {
        try {
            await this.orm.silent.call(PARKED_MODEL, method, [[reply.id]]);
        } catch (error) {
            this.explain(error);
        }
    }

    explain(error) {
        if (!(error instanceof RPCError)) {
            throw error;
        }
        this.notification.add(error.data?.message ?? error.message, { type: "warning" });
    }
}
