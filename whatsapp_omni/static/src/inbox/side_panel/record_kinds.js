import { Component } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

/**
 * How many records of which kinds a contact has, each with the way there.
 *
 * @typedef {Object} Props
 * @property {{model: string, name: string, icon: string, domain: Array, count: number}[]} kinds
 * @property {string} partnerName
 * @extends {Component<Props, Env>}
 */
export class RecordKinds extends Component {
    static template = "whatsapp_omni.RecordKinds";
    static props = ["kinds", "partnerName"];

    setup() {
        super.setup();
        this.action = useService("action");
    }

    open({ model, name, domain }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: `${name} · ${this.props.partnerName}`,
            res_model: model,
            domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}
