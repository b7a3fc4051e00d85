import { Component } from "@odoo/owl";

/**
 * Says what is not there, and what to do about it.
 *
 * @typedef {Object} Props
 * @property {string} icon
 * @property {string} title
 * @property {boolean} [isCompact]
 * @property {Object} [slots]
 * @extends {Component<Props, Env>}
 */
export class EmptyState extends Component {
    static template = "whatsapp_omni.EmptyState";
    static props = ["icon", "title", "isCompact?", "slots?"];

    get iconClass() {
        return this.props.icon.startsWith("fa-") ? `fa ${this.props.icon}` : this.props.icon;
    }
}
