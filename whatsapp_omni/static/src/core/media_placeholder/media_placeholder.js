import { Component } from "@odoo/owl";

/**
 * Stands for a file of the customer until it is here, or tells that it never will be.
 *
 * @typedef {Object} Props
 * @property {import("models").Message} message
 * @extends {Component<Props, Env>}
 */
export class MediaPlaceholder extends Component {
    static template = "whatsapp_omni.MediaPlaceholder";
    static props = ["message"];

    get media() {
        return this.props.message.whatsapp_omni_media;
    }

    fetchAgain() {
        return this.props.message.fetchWhatsappFileAgain();
    }
}
