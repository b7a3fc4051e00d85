import { DiscussContent } from "@mail/core/public_web/discuss_content";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import { conversationActions } from "@whatsapp_omni/core/conversation_actions";
import { WhatsappDesk } from "@whatsapp_omni/core/desk_model";
import { InviteDialog } from "@whatsapp_omni/core/together/invite_dialog";
import { TogetherStrip } from "@whatsapp_omni/core/together/together_strip";

Object.assign(DiscussContent.components, { TogetherStrip });

patch(WhatsappDesk.prototype, {
    /** @param {import("models").Conversation} conversation */
    leaveConference(conversation) {
        return this._call("action_leave", [[conversation.id]]);
    },
    /** @param {import("models").Conversation} conversation */
    endConference(conversation) {
        return this._call("action_end_conference", [[conversation.id]]);
    },
    /** @param {import("models").Conversation} conversation */
    async bargeIn(conversation) {
        await this._call("action_barge_in", [[conversation.id]]);
        // whoever barges in wants to answer, whatever was whispered here before
        conversation.channel_id.switchWhatsappNote(false);
    },
    /** @param {import("models").Conversation} conversation */
    async takeOver(conversation) {
        await this._call("action_take_over", [[conversation.id]], {
            from_user_id: conversation.owner_user_id,
        });
        this.tab = "attended";
        conversation.channel_id.switchWhatsappNote(false);
    },
});

conversationActions
    .add(
        "note",
        {
            name: _t("Private note"),
            icon: "fa-sticky-note-o",
            condition: (conversation) =>
                conversation.channel_id?.canWhatsappNote && !conversation.isSupervised,
            run: (conversation) => conversation.channel_id.switchWhatsappNote(true),
        },
        { sequence: 20 }
    )
    .add(
        "conference",
        {
            name: _t("Conference"),
            icon: "fa-user-plus",
            condition: (conversation) => conversation.isMine,
            run: (conversation, env) => env.services.dialog.add(InviteDialog, { conversation }),
        },
        { sequence: 40 }
    )
    .add(
        "end-conference",
        {
            name: _t("End conference"),
            icon: "fa-user-times",
            condition: (conversation) => conversation.isMine && conversation.guests.length > 0,
            run: (conversation) => conversation.store.whatsappDesk.endConference(conversation),
        },
        { sequence: 41 }
    )
    .add(
        "leave",
        {
            name: _t("Leave"),
            icon: "fa-sign-out",
            isButton: true,
            condition: (conversation) => conversation.isGuest,
            run: (conversation) => conversation.store.whatsappDesk.leaveConference(conversation),
        },
        { sequence: 42 }
    )
    .add(
        "whisper",
        {
            name: _t("Whisper to the agent"),
            icon: "fa-volume-down",
            condition: (conversation) => conversation.isSupervised,
            run: (conversation) => conversation.channel_id.switchWhatsappNote(true),
        },
        { sequence: 50 }
    )
    .add(
        "barge-in",
        {
            name: _t("Barge in"),
            icon: "fa-users",
            condition: (conversation) => conversation.isSupervised,
            run: (conversation) => conversation.store.whatsappDesk.bargeIn(conversation),
        },
        { sequence: 51 }
    )
    .add(
        "take-over",
        {
            name: _t("Take over"),
            icon: "fa-hand-rock-o",
            condition: (conversation) =>
                conversation.isSupervised || (conversation.isGuest && conversation.isSupervisor),
            run: (conversation, env) =>
                env.services.dialog.add(ConfirmationDialog, {
                    title: _t("Take over from %(name)s?", {
                        name: conversation.owner_partner_id?.name ?? "",
                    }),
                    body: conversation.otherGuestNames
                        ? _t(
                              "The conversation is yours then, and the agent is told. The" +
                                  " conference ends: %(guests)s will leave.",
                              { guests: conversation.otherGuestNames }
                          )
                        : _t("The conversation is yours then, and the agent is told."),
                    confirmLabel: _t("Take over"),
                    confirm: () => conversation.store.whatsappDesk.takeOver(conversation),
                    cancel: () => {},
                }),
        },
        { sequence: 52 }
    );
