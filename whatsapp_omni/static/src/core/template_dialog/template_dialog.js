import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { TemplateDraft } from "@whatsapp_omni/core/template_dialog/template_draft";
import { TemplateEditor } from "@whatsapp_omni/core/template_dialog/template_editor";

/**
 * Send an approved template in a conversation, its window open or closed.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class TemplateDialog extends Component {
    static template = "whatsapp_omni.TemplateDialog";
    static components = { Dialog, TemplateEditor };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.draft = useState(new TemplateDraft());
        this.state = useState({ error: "", isSending: false });
        onWillStart(async () => {
            this.draft.offer(
                await this.orm.call(CONVERSATION_MODEL, "get_templates", [this.conversation.id])
            );
        });
    }

    get conversation() {
        return this.props.conversation;
    }

    get title() {
        return _t("Send a template to %(name)s", { name: this.conversation.name });
    }

    async send() {
        if (this.draft.problem || this.state.isSending) {
            return;
        }
        this.state.isSending = true;
        this.state.error = "";
        try {
            await this.orm.silent.call(
                CONVERSATION_MODEL,
                "action_send_template",
                [[this.conversation.id]],
                {
                    template_id: this.draft.template.id,
                    params: this.draft.params,
                    attachment_id: this.draft.file?.id ?? false,
                }
            );
            this.props.close();
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.error = error.data?.message ?? error.message;
        } finally {
            this.state.isSending = false;
        }
    }
}
