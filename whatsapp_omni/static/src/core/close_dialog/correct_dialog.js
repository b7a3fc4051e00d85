import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { ResultDraft } from "@whatsapp_omni/core/close_dialog/result_draft";
import { ResultForm } from "@whatsapp_omni/core/close_dialog/result_form";
import { useSending } from "@whatsapp_omni/core/sending_hook";

/**
 * Correct how a closed conversation ended.
 *
 * @typedef {Object} Props
 * @property {number} conversationId
 * @property {() => void} [onSaved]
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class CorrectDialog extends Component {
    static template = "whatsapp_omni.CorrectDialog";
    static components = { Dialog, ResultForm };
    static props = ["conversationId", "onSaved?", "close"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.notification = useService("notification");
        this.draft = useState(new ResultDraft());
        this.sending = useSending();
        this.state = useState({ mayCorrect: true });
        onWillStart(async () => {
            const closing = await this.store.whatsappDesk.fetchClosing(this.props.conversationId);
            this.draft.load(closing);
            this.state.mayCorrect = closing.may_correct;
        });
    }

    get isSaveDisabled() {
        return this.draft.missing !== undefined || this.sending.isRunning;
    }

    async save() {
        if (this.isSaveDisabled) {
            return;
        }
        await this.sending.run(async () => {
            await this.store.whatsappDesk.correct(this.props.conversationId, this.draft.result);
            this.notification.add(_t("The result is corrected."), { type: "success" });
            this.props.onSaved?.();
            this.props.close();
        });
    }
}

/** The button of a conversation's form. */
registry.category("actions").add("whatsapp_omni.correct_result", (env, { params }) => {
    env.services.dialog.add(CorrectDialog, {
        conversationId: params.conversation_id,
        onSaved: () => env.services.action.doAction("soft_reload"),
    });
});
