import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { CloseDialog } from "@whatsapp_omni/core/close_dialog/close_dialog";
import { CorrectDialog } from "@whatsapp_omni/core/close_dialog/correct_dialog";
import { openMessagePicker } from "@whatsapp_omni/core/message_picker/message_picker";
import { ParkDialog } from "@whatsapp_omni/core/parked_replies/park_dialog";
import { ParkedReplies } from "@whatsapp_omni/core/parked_replies/parked_replies";

/**
 * Stands where the composer would be as long as we may not write.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} [conversation] unknown when it is closed
 * @property {"peek"|"locked"|"transferred"|"colleague"|"archived"|"unreachable"|"window"|"closed"} state
 * @extends {Component<Props, Env>}
 */
export class ComposerBar extends Component {
    static template = "whatsapp_omni.ComposerBar";
    static components = { ParkedReplies };
    static props = ["conversation?", "state"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.dialog = useService("dialog");
    }

    get icon() {
        return {
            peek: "fa-eye",
            locked: "fa-lock",
            transferred: "fa-share",
            colleague: "fa-user",
            archived: "fa-exclamation-triangle",
            unreachable: "fa-chain-broken",
            window: "fa-hourglass-end",
            closed: "fa-archive",
        }[this.props.state];
    }

    get title() {
        switch (this.props.state) {
            case "peek":
            case "locked":
                return this.takeTitle;
            case "transferred":
                return _t("Transferred to %(name)s, who has not taken it yet.", {
                    name: this.props.conversation.transfer.target,
                });
            case "colleague":
                return this.colleagueTitle;
            case "archived":
                return this.archivedTitle;
            case "unreachable":
                return _t("WhatsApp no longer tells how to reach this customer.");
            case "window":
                return this.props.conversation?.window_end
                    ? _t("The 24-hour window is closed.")
                    : _t("The customer has not written yet.");
        }
        return _t("This conversation is closed.");
    }

    get colleagueTitle() {
        const name = this.props.conversation?.owner_partner_id?.name;
        return name
            ? _t("%(name)s attends this conversation.", { name })
            : _t("A colleague attends this conversation.");
    }

    get takeTitle() {
        if (this.props.state === "peek") {
            return this.isRinging
                ? _t("Accept the conversation to answer.")
                : _t("Take the conversation to answer.");
        }
        return this.isRinging
            ? _t("Accept the conversation to read and answer it.")
            : _t("Take the conversation to read and answer it.");
    }

    get explanation() {
        switch (this.props.state) {
            case "peek":
                return _t("The customer does not see that you read it.");
            case "archived":
                return _t("Nothing can be sent or passed on any more: close the conversation.");
            case "window":
                return this.windowExplanation;
            case "unreachable":
                return _t("A new one starts when the customer writes again.");
            case "closed":
                return this.props.conversation?.is_blocked
                    ? _t("The customer is blocked: what they write starts no new one.")
                    : _t("A new one starts when the customer writes again.");
        }
        return undefined;
    }

    get archivedTitle() {
        const { out_of_service, line_name, queue_id } = this.props.conversation;
        switch (out_of_service) {
            case "queue":
                return _t("The queue “%(name)s” was archived.", { name: queue_id?.name });
            case "provider":
                return _t("The account at the provider was archived.");
        }
        return _t("The line “%(name)s” was archived.", { name: line_name });
    }

    get windowExplanation() {
        const { awaits_answer, parked_replies } = this.props.conversation ?? {};
        if (awaits_answer) {
            return _t("The template is sent: you can write again when the customer answers.");
        }
        return parked_replies?.length
            ? _t("The customer does not know that you want to write: send a template.")
            : _t("You can write again as soon as the customer does.");
    }

    get canRestart() {
        return this.props.state === "window" && Boolean(this.props.conversation?.takesPart);
    }

    get canPark() {
        return this.canRestart && this.props.conversation.isMine;
    }

    restart() {
        openMessagePicker(this.props.conversation);
    }

    park() {
        const { conversation } = this.props;
        this.dialog.add(ParkDialog, {
            conversation,
            // without a template the customer would never know
            onParked: () => conversation.awaits_answer || this.restart(),
        });
    }

    get canClose() {
        return this.props.state === "archived" && this.props.conversation.isMine;
    }

    closeConversation() {
        this.dialog.add(CloseDialog, { conversation: this.props.conversation });
    }

    get canCorrect() {
        return this.props.state === "closed" && Boolean(this.props.conversation?.isCorrectable);
    }

    correct() {
        this.dialog.add(CorrectDialog, { conversationId: this.props.conversation.id });
    }

    get isRinging() {
        return Boolean(this.props.conversation?.isRinging);
    }

    get canTakeBack() {
        return this.props.state === "transferred" && this.props.conversation.canTakeBack;
    }

    takeBack() {
        return this.props.conversation.takeBack();
    }

    get canTake() {
        const { isNew, isRinging } = this.props.conversation ?? {};
        return ["peek", "locked"].includes(this.props.state) && (isNew || isRinging);
    }

    get takeText() {
        return this.isRinging ? _t("Accept") : _t("Take");
    }

    take() {
        if (this.isRinging) {
            return this.store.whatsappAgent.accept(this.props.conversation.offer);
        }
        return this.store.whatsappDesk.capture(this.props.conversation);
    }
}
