import { Component } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { isBinarySize } from "@web/core/utils/binary";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";
import { fillSamples } from "@whatsapp_omni/template_form/placeholders";

const FILE_KINDS = ["image", "document", "audio", "video", "sticker"];
/** Browsers look into pictures themselves, but not into these. */
const MIME_TYPES = { video: "video/mp4", audio: "audio/mpeg" };

/** The message of the form, with sample values, while it is written. */
export class TemplatePreview extends Component {
    static template = "whatsapp_omni.TemplatePreview";
    static components = { WhatsappPreview };
    static props = { ...standardWidgetProps };

    get data() {
        return this.props.record.data;
    }

    get isQuestion() {
        return ["quick_reply", "list"].includes(this.data.kind);
    }

    get headerKind() {
        const { header_kind, kind } = this.data;
        if (kind === "quick_reply") {
            return header_kind;
        }
        return [...FILE_KINDS, "location", "contact"].includes(kind) ? kind : "text";
    }

    get mediaUrl() {
        const { attachment_id, file } = this.data;
        if (!file || !FILE_KINDS.includes(this.headerKind)) {
            return "";
        }
        if (!isBinarySize(file)) {
            const mimeType = MIME_TYPES[this.headerKind] ?? "image/png";
            return `data:${mimeType};base64,${file}`;
        }
        return attachment_id ? `/web/content/${attachment_id.id}` : "";
    }

    get options() {
        return this.data.option_ids.records.map(({ data }) => ({
            title: data.title || "",
            description: data.description || "",
        }));
    }

    fill(text) {
        return fillSamples(text, this.data.guide?.placeholders);
    }

    get previewProps() {
        const { data, headerKind, isQuestion } = this;
        const hasBody = !["location", "contact", "audio", "sticker"].includes(data.kind);
        return {
            headerKind,
            header: isQuestion && headerKind === "text" ? this.fill(data.header) : "",
            mediaUrl: this.mediaUrl,
            fileName: data.file_name || "",
            body: hasBody ? this.fill(data.body) : "",
            footer: isQuestion ? this.fill(data.footer) : "",
            buttons: data.kind === "quick_reply" ? this.options : [],
            options: data.kind === "list" ? this.options : [],
            opener: data.kind === "list" ? data.opener || "" : "",
            ...this.details,
        };
    }

    get details() {
        const { data } = this;
        switch (data.kind) {
            case "location":
                return { place: { name: data.place_name, address: data.place_address } };
            case "contact":
                return {
                    card: {
                        name: data.card_name,
                        company: data.card_company,
                        phones: [data.card_phone].filter(Boolean),
                        emails: [data.card_email].filter(Boolean),
                    },
                };
        }
        return {};
    }
}

registry.category("view_widgets").add("whatsapp_omni_template_preview", {
    component: TemplatePreview,
    fieldDependencies: [
        { name: "attachment_id", type: "many2one", relation: "ir.attachment" },
        { name: "guide", type: "json" },
    ],
});
