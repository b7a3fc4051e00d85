import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDateTime, serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { CONVERSATION_MODEL, PARKED_MODEL } from "@whatsapp_omni/core/constants";
import { countCodePoints } from "@whatsapp_omni/core/formatting";
import { LIMITS } from "@whatsapp_omni/core/limits";
import { SendableFileInput } from "@whatsapp_omni/core/sendable_file_input/sendable_file_input";
import { explainMoment, SendTime } from "@whatsapp_omni/core/send_time/send_time";
import { useSending } from "@whatsapp_omni/core/sending_hook";

/**
 * Write a reply that leaves when the customer answers or at a time, or change one.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {import("models").Conversation["parked_replies"][0]} [reply]
 * @property {boolean} [hasTime] whether a new one leaves at a time
 * @property {{body: string, files: {id: number, name: string}[], quoted?: import("models").Message}} [draft]
 *  what a new one begins with
 * @property {() => void} [onParked] called when a new one is kept and waits
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class ParkDialog extends Component {
    static template = "whatsapp_omni.ParkDialog";
    static components = { Dialog, SendableFileInput, SendTime };
    static props = ["conversation", "reply?", "hasTime?", "draft?", "onParked?", "close"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.notification = useService("notification");
        useAutofocus({ refName: "text" });
        this.sending = useSending();
        const { draft, reply } = this.props;
        const content = reply ?? draft;
        this.state = useState({
            text: content?.body ?? "",
            files: [...(content?.files ?? [])],
            /** @type {luxon.DateTime|undefined} */
            moment: reply?.send_at ? deserializeDateTime(reply.send_at) : undefined,
            isCancelledByAnswer: reply?.cancel_on_answer ?? true,
        });
    }

    get hasTime() {
        return this.props.hasTime || Boolean(this.props.reply?.send_at);
    }

    get title() {
        const { name } = this.props.conversation;
        if (this.hasTime) {
            return this.props.reply
                ? _t("Change the scheduled reply to %(name)s", { name })
                : _t("Send a reply to %(name)s later", { name });
        }
        return this.props.reply
            ? _t("Change the parked reply to %(name)s", { name })
            : _t("Park a reply to %(name)s", { name });
    }

    /** @returns {string|undefined} whom it answers */
    get quotedName() {
        return this.props.reply ? this.props.reply.quoted : this.props.draft?.quoted?.authorName;
    }

    get length() {
        return countCodePoints(this.state.text);
    }

    get counter() {
        return _t("%(length)s/%(limit)s", { length: this.length, limit: LIMITS.text });
    }

    get isTooLong() {
        return this.length > LIMITS.text;
    }

    get saveText() {
        if (this.props.reply) {
            return _t("Save");
        }
        return this.hasTime ? _t("Schedule") : _t("Park");
    }

    /** @returns {string|undefined} what keeps the time from being one to send at */
    get momentProblem() {
        return this.hasTime ? explainMoment(this.state.moment, this.props.conversation) : undefined;
    }

    get isEmpty() {
        return !this.state.text.trim() && !this.state.files.length;
    }

    onUpload(files) {
        for (const file of files) {
            if (file.error) {
                this.notification.add(file.error, { type: "danger" });
            } else {
                this.state.files.push({ id: file.id, name: file.filename });
            }
        }
    }

    removeFile(file) {
        this.state.files = this.state.files.filter(({ id }) => id !== file.id);
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            this.save();
        }
    }

    async save() {
        if (this.isEmpty || this.isTooLong || this.momentProblem) {
            return;
        }
        await this.sending.run(async () => {
            await (this.props.reply ? this.change() : this.keep());
            this.props.close();
        });
    }

    get values() {
        return {
            body: this.state.text,
            attachment_ids: this.state.files.map(({ id }) => id),
            ...(this.hasTime && {
                send_at: serializeDateTime(this.state.moment),
                cancel_on_answer: this.state.isCancelledByAnswer,
            }),
        };
    }

    change() {
        const ids = [this.props.reply.id];
        return this.orm.silent.call(PARKED_MODEL, "action_edit", [ids], this.values);
    }

    async keep() {
        const method = this.hasTime ? "action_schedule" : "action_park";
        const { conversation, draft } = this.props;
        const state = await this.orm.silent.call(CONVERSATION_MODEL, method, [[conversation.id]], {
            ...this.values,
            ...(draft?.quoted && { quoted_id: draft.quoted.id }),
        });
        if (state === "queued") {
            this.notification.add(_t("The customer has written meanwhile: your reply was sent."), {
                type: "success",
            });
        } else {
            this.props.onParked?.();
        }
    }
}
