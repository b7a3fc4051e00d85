import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

import { cleanTerm } from "@mail/utils/common/format";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useAutofocus, useService } from "@web/core/utils/hooks";

/** A shorter list is seen at a glance: nobody has to search it. */
const SEARCHABLE_FROM = 8;
const UNSETTLED = ["queued", "sending", "unknown"];

/**
 * Ask how a conversation ended, and close it.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class CloseDialog extends Component {
    static template = "whatsapp_omni.CloseDialog";
    static components = { Dialog };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.searchRef = useAutofocus({ refName: "search" });
        this.listRef = useRef("list");
        this.noteRef = useRef("note");
        this.state = useState({
            dispositions: [],
            chosenId: undefined,
            term: "",
            note: "",
            farewell: false,
            saysFarewell: true,
            error: "",
            isClosing: false,
        });
        onWillStart(async () => {
            const { dispositions, farewell } = await this.store.whatsappDesk.fetchPanel(
                this.props.conversation
            );
            Object.assign(this.state, { dispositions, farewell });
        });
        useEffect(
            () => {
                if (!this.searchRef.el) {
                    (this.listRef.el ?? this.noteRef.el)?.focus();
                }
            },
            () => []
        );
        useEffect(
            () => {
                const option = this.listRef.el?.querySelector("[aria-selected='true']");
                option?.scrollIntoView({ block: "nearest" });
            },
            () => [this.state.chosenId]
        );
    }

    get title() {
        return _t("Close the conversation with %(name)s", {
            name: this.props.conversation.name,
        });
    }

    get isSearchable() {
        return this.state.dispositions.length >= SEARCHABLE_FROM;
    }

    get listed() {
        const term = cleanTerm(this.state.term);
        return this.state.dispositions.filter(({ name }) => cleanTerm(name).includes(term));
    }

    get chosen() {
        return this.listed.find(({ id }) => id === this.state.chosenId);
    }

    get isChoiceMissing() {
        return this.state.dispositions.length > 0 && !this.chosen;
    }

    /** @returns {string|undefined} what is lost sight of when it is closed now */
    get warning() {
        const { conversation } = this.props;
        if (this.discardsParked) {
            return _t("A parked reply has not been sent. Closing discards it.");
        }
        if (conversation.failed_count) {
            return conversation.failed_count === 1
                ? _t("One of our messages was not delivered.")
                : _t("%(count)s of our messages were not delivered.", {
                      count: conversation.failed_count,
                  });
        }
        const messages = conversation.channel_id?.messages ?? [];
        return messages.some((m) => UNSETTLED.includes(m.whatsapp_omni_status?.state))
            ? _t("One of our messages has not left yet.")
            : undefined;
    }

    get discardsParked() {
        return this.props.conversation.parked_replies.length > 0;
    }

    get confirmText() {
        return this.warning ? _t("Close anyway") : _t("Close conversation");
    }

    optionId(disposition) {
        return `o-whatsapp_omni-disposition-${disposition.id}`;
    }

    choose(disposition) {
        this.state.chosenId = disposition.id;
        this.state.error = "";
    }

    /** @param {1|-1} step */
    move(step) {
        const { listed } = this;
        if (!listed.length) {
            return;
        }
        const index = listed.findIndex(({ id }) => id === this.state.chosenId);
        const next = index === -1 && step === -1 ? listed.length - 1 : index + step;
        this.choose(listed[Math.max(0, Math.min(listed.length - 1, next))]);
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
                if (!this.chosen && this.listed.length === 1) {
                    this.choose(this.listed[0]);
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
        if (this.isChoiceMissing || this.state.isClosing) {
            return;
        }
        this.state.isClosing = true;
        try {
            await this.store.whatsappDesk.close(this.props.conversation, {
                dispositionId: this.chosen?.id ?? false,
                note: this.state.note.trim(),
                discardsParked: this.discardsParked,
                farewell: this.state.saysFarewell,
            });
            this.props.close();
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.error = error.data?.message ?? error.message;
        } finally {
            this.state.isClosing = false;
        }
    }
}
