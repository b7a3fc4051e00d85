import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";

import { useSending } from "@whatsapp_omni/core/sending_hook";

/**
 * Choose the tags of a conversation.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class TagsDialog extends Component {
    static template = "whatsapp_omni.TagsDialog";
    static components = { Dialog, MultiRecordSelector };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.sending = useSending();
        this.state = useState({ tagIds: this.props.conversation.tags.map(({ id }) => id) });
    }

    get title() {
        return _t("Tags of the conversation with %(name)s", { name: this.props.conversation.name });
    }

    async save() {
        await this.sending.run(async () => {
            await this.props.conversation.call("action_set_tags", this.state.tagIds);
            this.props.close();
        });
    }
}
