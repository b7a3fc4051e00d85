import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { CorrectDialog } from "@whatsapp_omni/core/close_dialog/correct_dialog";
import { FollowUp } from "@whatsapp_omni/core/close_dialog/follow_up";
import { Records } from "@whatsapp_omni/core/close_dialog/records";
import { ResultDraft } from "@whatsapp_omni/core/close_dialog/result_draft";
import { ResultForm } from "@whatsapp_omni/core/close_dialog/result_form";
import { formatCountdown } from "@whatsapp_omni/core/formatting";
import { useSending } from "@whatsapp_omni/core/sending_hook";

const { DateTime } = luxon;
/** Seconds in which a correction is offered; later it stands in the way. */
const CORRECTION_SHOWN = 30;
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
    static components = { Dialog, FollowUp, Records, ResultForm };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.sending = useSending();
        // It goes on changing while the dialog is open.
        this.conversation = useState(this.props.conversation);
        this.wrapUpSeconds = 0;
        /** What the agent had before their eyes when they decided to close it. */
        this.waitingCount = this.conversation.waiting_count;
        this.draft = useState(new ResultDraft());
        this.state = useState({
            tab: "form",
            mustIdentify: false,
            farewell: false,
            saysFarewell: true,
            blocks: false,
            hasFollowUp: false,
            followUp: { summary: "", date: serializeDate(DateTime.now().plus({ days: 1 })) },
        });
        onWillStart(async () => {
            const closing = await this.store.whatsappDesk.fetchClosing(this.conversation.id);
            this.draft.load(closing);
            this.state.farewell = closing.farewell;
            this.state.mustIdentify = closing.must_identify;
            this.wrapUpSeconds = closing.wrap_up_seconds;
        });
    }

    get title() {
        return _t("Close the conversation with %(name)s", {
            name: this.conversation.name,
        });
    }

    get canBlock() {
        return Boolean(this.draft.chosen) && this.draft.chosen.kind !== "normal";
    }

    get isBlocking() {
        return this.canBlock && this.state.blocks;
    }

    /** @returns {string|undefined} why it cannot be closed like this */
    get obstacle() {
        const { chosen, missing } = this.draft;
        if (missing === "disposition") {
            return _t("Choose how it ended first.");
        }
        if (this.state.mustIdentify && (chosen?.kind ?? "normal") === "normal") {
            return _t(
                "This queue wants to know who it was: link the customer to a contact, or choose spam or wrong number."
            );
        }
        if (missing === "note") {
            return _t("Write a note first.");
        }
        if (missing !== undefined) {
            return _t("Fill in what is marked with *.");
        }
        const { summary, date } = this.state.followUp;
        return this.state.hasFollowUp && !(summary.trim() && date)
            ? _t("Say what is to be done, and when.")
            : undefined;
    }

    /** @returns {string[]} what is lost sight of when it is closed now */
    get warnings() {
        return [this.newsWarning, this.discardWarning, this.sendingWarning].filter(Boolean);
    }

    get newsWarning() {
        return this.conversation.waiting_count > this.waitingCount
            ? _t("The customer has written meanwhile. Read it before you close.")
            : undefined;
    }

    get sendingWarning() {
        const { channel_id, failed_count: count } = this.conversation;
        if (count) {
            return count === 1
                ? _t("One of our messages was not delivered.")
                : _t("%(count)s of our messages were not delivered.", { count });
        }
        const messages = channel_id?.messages ?? [];
        return messages.some((m) => UNSETTLED.includes(m.whatsapp_omni_status?.state))
            ? _t("One of our messages has not left yet.")
            : undefined;
    }

    get discardsParked() {
        return this.conversation.parked_replies.length > 0;
    }

    /** What waits for the customer is parked, what has a time is scheduled. */
    get discardWarning() {
        const replies = this.conversation.parked_replies;
        const count = replies.length;
        if (!count) {
            return undefined;
        }
        const scheduledCount = replies.filter((reply) => reply.send_at).length;
        if (!scheduledCount) {
            return count === 1
                ? _t("A parked reply has not been sent. Closing discards it.")
                : _t("%(count)s parked replies have not been sent. Closing discards them.", {
                      count,
                  });
        }
        if (scheduledCount < count) {
            return _t(
                "%(count)s parked and scheduled replies have not been sent. Closing discards them.",
                { count }
            );
        }
        return count === 1
            ? _t("A scheduled reply has not been sent yet. Closing discards it.")
            : _t("%(count)s scheduled replies have not been sent yet. Closing discards them.", {
                  count,
              });
    }

    get confirmText() {
        return this.warnings.length ? _t("Close anyway") : _t("Close conversation");
    }

    /** What the server is told beside the result. */
    get options() {
        const { followUp, hasFollowUp, saysFarewell } = this.state;
        return {
            farewell: saysFarewell && !this.isBlocking,
            ...(this.discardsParked && { discard_parked: true }),
            ...(hasFollowUp && { follow_up: { ...followUp } }),
            ...(this.isBlocking && { block: true }),
        };
    }

    async confirm() {
        if (this.obstacle) {
            return;
        }
        const { id, name } = this.conversation;
        await this.sending.run(async () => {
            await this.store.whatsappDesk.close(this.conversation, {
                ...this.draft.result,
                ...this.options,
            });
            this.props.close();
            this.offerCorrection(id, name);
        });
    }

    /** As long as it is written up, what was just said is one click away. */
    offerCorrection(conversationId, name) {
        if (!this.wrapUpSeconds) {
            return;
        }
        const remove = this.notification.add(
            _t("The conversation with %(name)s is closed. You have %(time)s to write it up.", {
                name,
                time: formatCountdown(this.wrapUpSeconds * 1000),
            }),
            {
                type: "info",
                autocloseDelay: Math.min(this.wrapUpSeconds, CORRECTION_SHOWN) * 1000,
                buttons: [
                    {
                        name: _t("Correct the result"),
                        onClick: () => {
                            remove();
                            this.dialog.add(CorrectDialog, { conversationId });
                        },
                    },
                ],
            }
        );
    }
}
