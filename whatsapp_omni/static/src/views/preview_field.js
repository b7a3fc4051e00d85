import { Component } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

/** A message as WhatsApp shows it, from a JSON field that holds the preview's props. */
export class PreviewField extends Component {
    static template = "whatsapp_omni.PreviewField";
    static components = { WhatsappPreview };
    static props = { ...standardFieldProps };

    get previewProps() {
        return this.props.record.data[this.props.name] || {};
    }
}

registry.category("fields").add("whatsapp_omni_preview", {
    component: PreviewField,
    supportedTypes: ["json"],
});
