import { Component, useEffect, useRef } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { MEDIA } from "@whatsapp_omni/core/limits";
import { SendableFileInput } from "@whatsapp_omni/core/sendable_file_input/sendable_file_input";
import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

/** What WhatsApp calls a file that is shown as a document. */
const RULES = { image: MEDIA.image, video: MEDIA.video, document: MEDIA.file };
const BUTTON_KINDS = { QUICK_REPLY: "reply", URL: "url", PHONE_NUMBER: "phone", OTP: "copy" };

/**
 * Fill in the approved template that is chosen, with a preview.
 *
 * @typedef {Object} Props
 * @property {import("@whatsapp_omni/core/template_editor/template_draft").TemplateDraft} draft
 *  reactive: what is chosen and filled in
 * @property {number} focus raised when the first value takes the cursor
 * @property {() => void} onDone called by Enter after the last value
 * @extends {Component<Props, Env>}
 */
export class TemplateFill extends Component {
    static template = "whatsapp_omni.TemplateFill";
    static components = { SendableFileInput, WhatsappPreview };
    static props = ["draft", "focus", "onDone"];

    setup() {
        super.setup();
        this.notification = useService("notification");
        this.rootRef = useRef("root");
        useEffect(
            (focus) => {
                if (focus) {
                    this.focusValue(0);
                }
            },
            () => [this.props.focus]
        );
    }

    get draft() {
        return this.props.draft;
    }

    get accepted() {
        return RULES[this.draft.template.header_kind].types.join(",");
    }

    get fileName() {
        return (this.draft.file ?? this.draft.template.file)?.name;
    }

    get mediaUrl() {
        const { file, template } = this.draft;
        return file ? `/web/content/${file.id}` : template.file?.url;
    }

    get buttons() {
        return this.draft.template.buttons.map(({ kind, text }) => ({
            kind: BUTTON_KINDS[kind],
            title: text,
        }));
    }

    placeholder(parameter) {
        return this.draft.isOptional(parameter)
            ? _t("From each contact, unless you fill it in")
            : parameter.sample;
    }

    /** Go to a value, or on to what sends when there is none. */
    focusValue(index) {
        const fields = this.rootRef.el.querySelectorAll(".o-whatsapp_omni-TemplateFill-value");
        if (index < fields.length) {
            fields[index].focus();
        } else {
            this.props.onDone();
        }
    }

    onValueKeydown(ev, index) {
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            ev.stopPropagation();
            this.focusValue(index + 1);
        }
    }

    onUpload([file]) {
        if (file.error) {
            this.notification.add(file.error, { type: "danger" });
            return;
        }
        this.draft.file = { id: file.id, name: file.filename, mimetype: file.mimetype };
    }
}
