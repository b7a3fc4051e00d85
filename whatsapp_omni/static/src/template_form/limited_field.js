import { onWillUpdateProps, useEffect, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";
import { TextField, textField } from "@web/views/fields/text/text_field";

import { countCodePoints } from "@whatsapp_omni/core/formatting";
import { fillSamples } from "@whatsapp_omni/template_form/placeholders";

/**
 * What a text field adds that knows WhatsApp's limit: characters used of it, placeholders
 * to pick, and a record that follows each key, for the preview.
 *
 * Limits and placeholders are those of `guide`, a field of the record or of the one that
 * it is a line of.
 */
const limited = (Field) =>
    class extends Field {
        static props = { ...Field.props, hasPlaceholders: { type: Boolean, optional: true } };
        static components = { ...Field.components, Dropdown, DropdownItem };

        setup() {
            super.setup();
            this.limited = useState({ text: this.value });
            onWillUpdateProps(({ record, name }) => {
                this.limited.text = record.data[name] || "";
            });
            useEffect(
                (el) => {
                    if (!el) {
                        return;
                    }
                    const onInput = () => this.onInput();
                    el.addEventListener("input", onInput);
                    return () => el.removeEventListener("input", onInput);
                },
                () => [this.inputEl]
            );
        }

        get inputEl() {
            return (this.textareaRef ?? this.input).el;
        }

        get value() {
            return this.props.record.data[this.props.name] || "";
        }

        get guide() {
            const { data, evalContext } = this.props.record;
            return data.guide || evalContext.parent?.guide || { limits: {}, placeholders: [] };
        }

        get limit() {
            return this.guide.limits[this.props.name];
        }

        get length() {
            return countCodePoints(fillSamples(this.limited.text, this.guide.placeholders));
        }

        get isTooLong() {
            return this.length > this.limit;
        }

        get counter() {
            return _t("%(length)s/%(limit)s", { length: this.length, limit: this.limit });
        }

        get counterTitle() {
            return _t("Characters used of those that WhatsApp allows");
        }

        onInput() {
            this.limited.text = this.inputEl.value;
            this.props.record.update({ [this.props.name]: this.parse(this.inputEl.value) });
        }

        /** @param {{name: string}} placeholder */
        insertPlaceholder({ name }) {
            const { inputEl, selectionStart } = this;
            inputEl.focus();
            inputEl.setRangeText(`{{${name}|}}`, selectionStart, selectionStart, "end");
            // between the bar and the braces: what to say when there is no value
            const position = inputEl.selectionEnd - 2;
            inputEl.setSelectionRange(position, position);
            inputEl.dispatchEvent(new InputEvent("input"));
        }
    };

export class LimitedTextField extends limited(TextField) {
    static template = "whatsapp_omni.LimitedTextField";
}

export class LimitedCharField extends limited(CharField) {
    static template = "whatsapp_omni.LimitedCharField";
}

const withOptions = (field, component) => ({
    ...field,
    component,
    extractProps: (info, dynamicInfo) => ({
        ...field.extractProps(info, dynamicInfo),
        hasPlaceholders: Boolean(info.options.placeholders),
    }),
});

registry
    .category("fields")
    .add("whatsapp_omni_text", withOptions(textField, LimitedTextField))
    .add("whatsapp_omni_char", withOptions(charField, LimitedCharField));
