import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { FileInput } from "@web/core/file_input/file_input";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { CONVERSATION_MODEL, PARKED_MODEL, TEXT_LIMIT } from "@whatsapp_omni/core/constants";
import { countCodePoints } from "@whatsapp_omni/core/formatting";

/**
 * Write a reply that leaves when the customer answers, or change one.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {{id: number, body: string, files: {id: number, name: string}[]}} [reply]
 * @property {() => void} [onParked] called when a new one is parked and waits
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class ParkDialog extends Component {
    static template = "whatsapp_omni.ParkDialog";
    static components = { Dialog, FileInput };
    static props = ["conversation", "reply?", "onParked?", "close"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.notification = useService("notification");
        useAutofocus({ refName: "text" });
        this.state = useState({
            text: this.props.reply?.body ?? "",
            files: [...(this.props.reply?.files ?? [])],
            error: "",
            isSaving: false,
        });
    }

    get title() {
        const { name } = this.props.conversation;
        return this.props.reply
            ? _t("Change the parked reply to %(name)s", { name })
            : _t("Park a reply to %(name)s", { name });
    }

    get length() {
        return countCodePoints(this.state.text);
    }

    get counter() {
        return _t("%(length)s/%(limit)s", { length: this.length, limit: TEXT_LIMIT });
    }

    get isTooLong() {
        return this.length > TEXT_LIMIT;
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
        if (this.isEmpty || this.isTooLong || this.state.isSaving) {
            return;
        }
        this.state.isSaving = true;
        this.state.error = "";
        try {
            await (this.props.reply ? this.change() : this.park());
            this.props.close();
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.error = error.data?.message ?? error.message;
        } finally {
            this.state.isSaving = false;
        }
    }

    get values() {
        return { body: this.state.text, attachment_ids: this.state.files.map(({ id }) => id) };
    }

    change() {
        const ids = [this.props.reply.id];
        return this.orm.silent.call(PARKED_MODEL, "action_edit", [ids], this.values);
    }

    async park() {
        const ids = [this.props.conversation.id];
        const state = await this.orm.silent.call(
            CONVERSATION_MODEL,
            "action_park",
            [ids],
            this.values
        );
        if (state === "queued") {
            this.notification.add(_t("The customer has written meanwhile: your reply was sent."), {
                type: "success",
            });
        } else {
            this.props.onParked?.();
        }
    }
}
