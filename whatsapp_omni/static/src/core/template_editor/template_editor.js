import { Component, useRef, useState } from "@odoo/owl";

import { useAutofocus } from "@web/core/utils/hooks";

import { useOptionList } from "@whatsapp_omni/core/option_list_hook";
import { TemplateFill } from "@whatsapp_omni/core/template_editor/template_fill";

/**
 * Choose an approved template and fill it in, with a preview.
 *
 * @typedef {Object} Props
 * @property {import("@whatsapp_omni/core/template_editor/template_draft").TemplateDraft} draft
 *  reactive: what is chosen and filled in
 * @property {boolean} [hasFocus] whether the search takes the cursor
 * @extends {Component<Props, Env>}
 */
export class TemplateEditor extends Component {
    static template = "whatsapp_omni.TemplateEditor";
    static components = { TemplateFill };
    static props = ["draft", "hasFocus?"];

    setup() {
        super.setup();
        this.rootRef = useRef("root");
        /** Raised when what is next takes the cursor. */
        this.state = useState({ nextFocus: 0 });
        if (this.props.hasFocus) {
            useAutofocus({ refName: "search" });
        }
        this.onSearchKeydown = useOptionList({
            options: () => this.draft.listed,
            chosen: () => this.draft.template,
            choose: (template) => this.choose(template),
            confirm: () => this.onEnter(),
        });
    }

    get draft() {
        return this.props.draft;
    }

    optionId(template) {
        return `o-whatsapp_omni-template-${template.id}`;
    }

    choose(template) {
        this.state.nextFocus = 0;
        this.draft.choose(template);
    }

    /** Go on to what has to be filled in, or to the button that sends. */
    onEnter() {
        const { listed } = this.draft;
        if (!listed.includes(this.draft.template) && listed.length) {
            this.draft.choose(listed[0]);
        }
        if (this.draft.template) {
            this.state.nextFocus++;
        }
    }

    focusConfirm() {
        this.rootRef.el.closest(".modal-content").querySelector("footer .btn-primary").focus();
    }
}
