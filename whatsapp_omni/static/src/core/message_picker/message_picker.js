import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

import { CONVERSATION_MODEL, KINDS } from "@whatsapp_omni/core/constants";
import { useOptionList } from "@whatsapp_omni/core/option_list_hook";
import { TEMPLATE_MODEL } from "@whatsapp_omni/core/quick_replies/conversation_quick_replies_patch";
import { useSending } from "@whatsapp_omni/core/sending_hook";
import { TemplateDraft } from "@whatsapp_omni/core/template_editor/template_draft";
import { TemplateFill } from "@whatsapp_omni/core/template_editor/template_fill";
import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

/**
 * Find a quick reply or an approved template, look at it as the customer will, and send
 * it or edit it first. Where the window is closed there are templates only.
 *
 * @typedef {Object} Choice one row
 * @property {string} key
 * @property {string} name
 * @property {string} kind what is said in a word
 * @property {string} icon
 * @property {string} [detail] shortcut or language
 * @property {import("@whatsapp_omni/core/quick_replies/conversation_quick_replies_patch").QuickReply} [reply]
 * @property {import("@whatsapp_omni/core/template_editor/template_draft").Template} [template]
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {number} [selectedId] the quick reply to show first
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class MessagePicker extends Component {
    static template = "whatsapp_omni.MessagePicker";
    static components = { Dialog, TemplateFill, WhatsappPreview };
    static props = ["conversation", "selectedId?", "close"];

    setup() {
        super.setup();
        this.dialog = useService("dialog");
        this.orm = useService("orm");
        this.sending = useSending();
        this.rootRef = useRef("root");
        useAutofocus({ refName: "search" });
        this.conversation = useState(this.props.conversation);
        this.draft = useState(new TemplateDraft());
        this.state = useState({
            /** @type {"all"|"replies"|"templates"} */
            filter: "all",
            term: "",
            /** @type {string|undefined} */
            selectedKey: this.props.selectedId && `reply-${this.props.selectedId}`,
            /** Raised when the values of a template take the cursor. */
            focus: 0,
        });
        onWillStart(() => Promise.all([this.fetchReplies(), this.fetchTemplates()]));
        this.onKeydown = useOptionList({
            options: () => this.listed,
            chosen: () => this.selected,
            choose: (choice) => this.select(choice),
            confirm: () => this.onEnter(),
        });
        useEffect(
            () => this.readyDraft(),
            () => [this.selected?.key]
        );
    }

    async fetchReplies() {
        if (!this.isTemplatesOnly) {
            await this.conversation.fetchQuickReplies();
        }
    }

    async fetchTemplates() {
        this.draft.templates = await this.orm.call(CONVERSATION_MODEL, "get_templates", [
            this.conversation.id,
        ]);
    }

    get title() {
        const { name } = this.conversation;
        return this.isTemplatesOnly
            ? _t("Send a template to %(name)s", { name })
            : _t("Quick replies and templates");
    }

    /** Whether nothing else would reach the customer. */
    get isTemplatesOnly() {
        return this.conversation.isWindowShut;
    }

    get filters() {
        return [
            ["all", _t("All")],
            ["replies", _t("Quick replies")],
            ["templates", _t("Templates")],
        ];
    }

    shows(filter) {
        return this.state.filter === "all" || this.state.filter === filter;
    }

    // === WHAT CAN BE CHOSEN === //

    /** What is found, in groups, in the order of the screen. */
    get groups() {
        const groups = new Map();
        for (const [title, choice] of [...this.foundReplies(), ...this.foundTemplates()]) {
            groups.set(title, [...(groups.get(title) ?? []), choice]);
        }
        return [...groups].map(([title, choices]) => ({ title, choices }));
    }

    foundReplies() {
        if (this.isTemplatesOnly || !this.shows("replies")) {
            return [];
        }
        return this.conversation.searchQuickReplies(this.state.term).map((reply) => [
            reply.is_private ? _t("Only mine") : reply.category || _t("Quick replies"),
            {
                key: `reply-${reply.id}`,
                name: reply.name,
                kind: KINDS[reply.kind]?.label ?? _t("Text"),
                icon: KINDS[reply.kind]?.icon ?? "fa-comment-o",
                detail: reply.shortcut && `/${reply.shortcut}`,
                reply,
            },
        ]);
    }

    foundTemplates() {
        if (!this.isTemplatesOnly && !this.shows("templates")) {
            return [];
        }
        return this.draft.search(this.state.term).map((template) => [
            _t("Approved templates"),
            {
                key: `template-${template.id}`,
                name: template.name,
                kind: KINDS.template.label,
                icon: KINDS.template.icon,
                detail: template.language,
                template,
            },
        ]);
    }

    get listed() {
        return this.groups.flatMap(({ choices }) => choices);
    }

    /** What is chosen; without a choice what fits best, but no template among others. */
    get selected() {
        const { listed } = this;
        const chosen = listed.find(({ key }) => key === this.state.selectedKey);
        const [first] = listed;
        const isObvious = first?.reply || this.state.term.trim() || listed.length === 1;
        return chosen ?? (isObvious ? first : undefined);
    }

    get emptyText() {
        if (this.state.term.trim()) {
            return _t("Nothing has this in its name or text.");
        }
        if (this.isTemplatesOnly || this.state.filter === "templates") {
            return _t(
                "No approved template is offered here. Your administrator can synchronise and enable them."
            );
        }
        return _t(
            "This queue has no quick replies yet. A supervisor can add some for everybody; you can write your own."
        );
    }

    /** @returns {string|undefined} what keeps it from being sent */
    get problem() {
        if (!this.selected) {
            return _t("Choose what to send.");
        }
        return this.selected.template ? this.draft.problem : undefined;
    }

    get confirmText() {
        return this.selected?.reply && this.selected.reply.text !== false
            ? _t("Put into the message")
            : _t("Send");
    }

    get useText() {
        return _t("Used in the last 30 days: %(count)s", { count: this.selected.reply.use_count });
    }

    optionId(choice) {
        return `o-whatsapp_omni-${choice.key}`;
    }

    /** Have the draft hold what is chosen: keys may be faster than the screen. */
    readyDraft() {
        const { template } = this.selected ?? {};
        if (this.draft.template?.id !== template?.id) {
            this.draft.choose(template);
        }
    }

    // === CHOOSING === //

    filterBy(filter) {
        this.state.filter = filter;
        this.rootRef.el.querySelector("input").focus();
    }

    /** @param {Choice} choice */
    select(choice) {
        this.state.selectedKey = choice.key;
        this.state.focus = 0;
        this.sending.error = "";
    }

    onInput() {
        this.state.selectedKey = undefined;
        this.state.focus = 0;
        this.sending.error = "";
    }

    /** Send what needs nothing more, or go on to what has to be filled in. */
    onEnter() {
        this.readyDraft();
        if (this.selected?.template?.parameters.length) {
            this.state.focus++;
        } else {
            this.confirm();
        }
    }

    /** The last value is filled in: the next Enter sends. */
    focusConfirm() {
        this.rootRef.el.closest(".modal-content").querySelector("footer .btn-primary").focus();
    }

    // === SENDING === //

    async confirm() {
        const { selected } = this;
        this.readyDraft();
        if (this.problem) {
            return;
        }
        if (selected.reply && selected.reply.text !== false) {
            this.props.close();
            this.composer?.whatsappUseQuickReply(selected.reply);
            return;
        }
        await this.sending.run(async () => {
            await (selected.reply
                ? this.conversation.sendQuickReply(selected.reply)
                : this.sendTemplate(selected.template));
            this.props.close();
            if (this.composer) {
                this.composer.autofocus++;
            }
        });
    }

    /** @returns {import("models").Composer|undefined} gone when it was closed meanwhile */
    get composer() {
        return this.conversation.channel_id?.composer;
    }

    sendTemplate(template) {
        return this.orm.silent.call(
            CONVERSATION_MODEL,
            "action_send_template",
            [[this.conversation.id]],
            {
                template_id: template.id,
                params: this.draft.params,
                attachment_id: this.draft.file?.id ?? false,
            }
        );
    }

    // === ONE'S OWN QUICK REPLIES === //

    /** @param {number} [resId] a new one without */
    edit(resId) {
        this.dialog.add(FormViewDialog, {
            resModel: TEMPLATE_MODEL,
            resId: resId ?? false,
            title: resId ? _t("Edit my quick reply") : _t("New quick reply, only for me"),
            context: {
                default_user_id: user.userId,
                form_view_ref: "whatsapp_omni.message_template_view_form_private",
            },
            onRecordSaved: async (record) => {
                await this.conversation.fetchQuickReplies();
                this.state.selectedKey = `reply-${record.resId}`;
            },
        });
    }

    remove(reply) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete “%(name)s”?", { name: reply.name }),
            body: _t("Nobody else has it. What was sent with it stays."),
            confirmLabel: _t("Delete"),
            confirm: async () => {
                await this.orm.unlink(TEMPLATE_MODEL, [reply.id]);
                await this.conversation.fetchQuickReplies();
            },
            cancel: () => {},
        });
    }
}

/**
 * @param {import("models").Conversation} [conversation]
 * @param {Object} [options]
 * @param {number} [options.selectedId]
 */
export function openMessagePicker(conversation, options = {}) {
    if (!conversation?.state) {
        return; // it was closed at this very moment
    }
    conversation.store.env.services.dialog.add(MessagePicker, { conversation, ...options });
}
