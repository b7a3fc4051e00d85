import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const STEPS = [
    {
        id: "provider",
        action: "whatsapp_omni.provider_action",
        title: _t("Connect a provider"),
        text: _t("The GupShup account with its API key."),
    },
    {
        id: "queue",
        action: "whatsapp_omni.queue_action",
        title: _t("Create a queue"),
        text: _t("Where conversations wait, and which agents answer them."),
    },
    {
        id: "line",
        action: "whatsapp_omni.line_action",
        title: _t("Add a line"),
        text: _t("The WhatsApp number that customers write to, and the queue it fills."),
    },
    {
        id: "callback",
        action: "whatsapp_omni.line_action",
        title: _t("Register the callback"),
        text: _t("Tell GupShup where to deliver: a button on the line. Then write to it."),
    },
];

/**
 * What an administrator has still to do before the first message can arrive.
 *
 * @typedef {Object} Props
 * @property {Object<string, boolean>} steps what is done, by the step's id
 * @extends {Component<Props, Env>}
 */
export class SetupSteps extends Component {
    static template = "whatsapp_omni.SetupSteps";
    static props = ["steps"];

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get steps() {
        return STEPS.map((step) => ({ ...step, isDone: Boolean(this.props.steps[step.id]) }));
    }

    get current() {
        return this.steps.find(({ isDone }) => !isDone);
    }

    open(step) {
        return this.action.doAction(step.action);
    }
}
