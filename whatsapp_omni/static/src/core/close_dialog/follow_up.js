import { Component } from "@odoo/owl";

import { useAutofocus } from "@web/core/utils/hooks";

/**
 * What the agent means to do later, if anything.
 *
 * @typedef {Object} Props
 * @property {{hasFollowUp: boolean, followUp: {summary: string, date: string}}} state reactive
 * @extends {Component<Props, Env>}
 */
export class FollowUp extends Component {
    static template = "whatsapp_omni.FollowUp";
    static props = ["state"];

    setup() {
        super.setup();
        useAutofocus({ refName: "summary" });
    }
}
