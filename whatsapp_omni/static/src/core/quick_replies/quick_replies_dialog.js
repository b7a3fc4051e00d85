import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { user } from "@web/core/user";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

import { KINDS } from "@whatsapp_omni/core/constants";
import { TEMPLATE_MODEL } from "@whatsapp_omni/core/quick_replies/conversation_quick_replies_patch";
import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

/**
 * Find a quick reply, look at it as the customer will, and send it or edit it first.
 *
 * @typedef {Object} Props
 * @property {import("models").Thread} thread
 * @property {number} [selectedId] the one to show first
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class QuickRepliesDialog extends Component {
    static template = "whatsapp_omni.QuickRepliesDialog";
    static components = { Dialog, WhatsappPreview };
    static props = ["thread", "selectedId?", "close"];

    setup() {
        super.setup();
        this.dialog = useService("dialog");
        this.orm = useService("orm");
        this.searchRef = useAutofocus({ refName: "search" });
        this.listRef = useRef("list");
        this.state = useState({
            term: "",
            selectedId: this.props.selectedId,
            error: "",
            isSending: false,
        });
        this.conversation = useState(this.props.thread.whatsappConversation);
        onWillStart(() => this.conversation.fetchQuickReplies());
        useEffect(
            () => {
                const option = this.listRef.el?.querySelector("[aria-selected='true']");
                option?.scrollIntoView({ block: "nearest" });
            },
            () => [this.selected?.id]
        );
    }

    /** What is found, by category, in the order of the screen. */
    get groups() {
        const groups = new Map();
        for (const reply of this.conversation.searchQuickReplies(this.state.term)) {
            const title = reply.is_private ? _t("Only mine") : reply.category || _t("Other");
            groups.set(title, [...(groups.get(title) ?? []), reply]);
        }
        return [...groups].map(([title, replies]) => ({ title, replies }));
    }

    get listed() {
        return this.groups.flatMap(({ replies }) => replies);
    }

    get selected() {
        const { listed } = this;
        return listed.find(({ id }) => id === this.state.selectedId) ?? listed[0];
    }

    get isEmpty() {
        return !this.conversation.quickReplies?.length;
    }

    get confirmText() {
        return this.selected?.text === false ? _t("Send") : _t("Put into the message");
    }

    get useText() {
        return _t("Used in the last 30 days: %(count)s", { count: this.selected.use_count });
    }

    optionId(reply) {
        return `o-whatsapp_omni-quick-reply-${reply.id}`;
    }

    /** @param {import("@whatsapp_omni/core/quick_replies/conversation_quick_replies_patch").QuickReply} reply */
    icon(reply) {
        return KINDS[reply.kind]?.icon ?? "fa-comment-o";
    }

    select(reply) {
        this.state.selectedId = reply.id;
        this.state.error = "";
    }

    /** @param {1|-1} step */
    move(step) {
        const { listed } = this;
        const index = listed.indexOf(this.selected);
        const next = listed[Math.max(0, Math.min(listed.length - 1, index + step))];
        if (next) {
            this.select(next);
        }
    }

    onInput() {
        this.state.selectedId = undefined;
        this.state.error = "";
    }

    onKeydown(ev) {
        switch (ev.key) {
            case "ArrowDown":
                this.move(1);
                break;
            case "ArrowUp":
                this.move(-1);
                break;
            case "Enter":
                if (ev.isComposing) {
                    return;
                }
                this.confirm();
                break;
            default:
                return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    async confirm() {
        const { selected } = this;
        if (!selected || this.state.isSending) {
            return;
        }
        if (selected.text !== false) {
            this.props.close();
            this.props.thread.composer.whatsappUseQuickReply(selected);
            return;
        }
        this.state.isSending = true;
        try {
            await this.conversation.sendQuickReply(selected);
            this.props.close();
            this.props.thread.composer.autofocus++;
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.error = error.data?.message ?? error.message;
        } finally {
            this.state.isSending = false;
        }
    }

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
                this.state.selectedId = record.resId;
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
 * @param {import("models").Thread} thread
 * @param {Object} [options]
 * @param {number} [options.selectedId]
 */
export function openQuickReplies(thread, options = {}) {
    if (!thread.whatsappConversation) {
        return; // it was closed at this very moment
    }
    thread.store.env.services.dialog.add(QuickRepliesDialog, { thread, ...options });
}
