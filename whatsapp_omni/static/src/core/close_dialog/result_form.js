import { Component, useEffect, useRef } from "@odoo/owl";

import { hasTouch } from "@web/core/browser/feature_detection";

import { useOptionList } from "@whatsapp_omni/core/option_list_hook";

/**
 * Ask how a conversation ended: what, the form of that, a note.
 *
 * @typedef {Object} Props
 * @property {import("@whatsapp_omni/core/close_dialog/result_draft").ResultDraft} draft reactive
 * @property {() => void} onSubmit
 * @extends {Component<Props, Env>}
 */
export class ResultForm extends Component {
    static template = "whatsapp_omni.ResultForm";
    static props = ["draft", "onSubmit"];

    setup() {
        super.setup();
        this.rootRef = useRef("root");
        this.noteRef = useRef("note");
        this.searchRef = useRef("search");
        // Not `useAutofocus`: opened from the command palette, the dialog comes before the
        // palette is gone, which then still holds the focus.
        useEffect(
            () => {
                if (!hasTouch()) {
                    (this.searchRef.el ?? this.noteRef.el).focus();
                }
            },
            () => []
        );
        this.onKeydownList = useOptionList({
            options: () => this.draft.listed,
            chosen: () => this.draft.chosen,
            choose: (disposition) => this.draft.choose(disposition),
            confirm: () => this.submit(),
        });
    }

    get draft() {
        return this.props.draft;
    }

    /** What is listed, each with the name of its option where that begins. */
    get rows() {
        const { listed } = this.draft;
        return listed.map((disposition, index) => ({
            disposition,
            heading:
                disposition.option && listed[index - 1]?.option_id !== disposition.option_id
                    ? disposition.option
                    : false,
        }));
    }

    optionId(disposition) {
        return `o-whatsapp_omni-disposition-${disposition.id}`;
    }

    fieldId(field) {
        return `o-whatsapp_omni-disposition-field-${field.id}`;
    }

    /** @param {KeyboardEvent} ev in a field, or with Ctrl in the note */
    onKeydownField(ev, { isMultiline = false } = {}) {
        if (ev.key === "Enter" && !ev.isComposing && (!isMultiline || ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            ev.stopPropagation();
            this.submit();
        }
    }

    /** Go to what is missing, or be done. */
    submit() {
        const { missing } = this.draft;
        if (missing === undefined) {
            this.props.onSubmit();
            return;
        }
        this.rootRef.el.querySelector(`[data-asks-for="${missing}"]`)?.focus();
    }
}
