import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { countCodePoints } from "@whatsapp_omni/core/formatting";

let nextId = 1;

/**
 * A text with the number of characters that WhatsApp takes.
 *
 * @typedef {Object} Props
 * @property {string} label
 * @property {string} value
 * @property {number} limit in code points
 * @property {(value: string) => void} onChange called for each key
 * @property {boolean} [isMultiline]
 * @property {boolean} [isLabelHidden] where others say what it is
 * @property {string} [name] by which it is known to tests and style
 * @extends {Component<Props, Env>}
 */
export class LimitedInput extends Component {
    static template = "whatsapp_omni.LimitedInput";
    static props = [
        "label",
        "value",
        "limit",
        "onChange",
        "isMultiline?",
        "isLabelHidden?",
        "name?",
    ];

    setup() {
        super.setup();
        this.id = `o-whatsapp_omni-LimitedInput-${nextId++}`;
    }

    get length() {
        return countCodePoints(this.props.value);
    }

    get isTooLong() {
        return this.length > this.props.limit;
    }

    get counter() {
        return _t("%(length)s/%(limit)s", { length: this.length, limit: this.props.limit });
    }
}
