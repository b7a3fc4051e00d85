import { Component } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

import { Candidates } from "@whatsapp_omni/core/identify/candidates";
import { IdentifyDialog } from "@whatsapp_omni/core/identify/identify_dialog";

/**
 * Stands above the thread of a customer who is no contact yet.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @extends {Component<Props, Env>}
 */
export class IdentifyBanner extends Component {
    static template = "whatsapp_omni.IdentifyBanner";
    static components = { Candidates };
    static props = ["conversation"];

    setup() {
        super.setup();
        this.ui = useService("ui");
        this.dialog = useService("dialog");
    }

    open() {
        this.dialog.add(IdentifyDialog, { conversation: this.props.conversation });
    }
}
