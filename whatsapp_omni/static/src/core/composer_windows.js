import { registerComposerAction } from "@mail/core/common/composer_actions";

import { _t } from "@web/core/l10n/translation";

import "@whatsapp_omni/core/composer_busy_patch";
import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { ContactDialog } from "@whatsapp_omni/core/contact_dialog/contact_dialog";
import { LocationDialog } from "@whatsapp_omni/core/location_dialog/location_dialog";
import { openMessagePicker } from "@whatsapp_omni/core/message_picker/message_picker";
import { ParkDialog } from "@whatsapp_omni/core/parked_replies/park_dialog";
import { QuestionDialog } from "@whatsapp_omni/core/question_dialog/question_dialog";

const open = (Dialog) => (conversation) =>
    conversation.store.env.services.dialog.add(Dialog, { conversation });

const canWrite = (conversation) => !conversation.obstacle;

/** Have what is in the composer sent later; it is emptied once it is scheduled. */
function openSendLater(conversation) {
    const { composer } = conversation.channel_id;
    if (composer.warnIfWhatsappBusy()) {
        return;
    }
    conversation.store.env.services.dialog.add(ParkDialog, {
        conversation,
        hasTime: true,
        draft: {
            body: composer.composerText,
            files: composer.attachments.map(({ id, name }) => ({ id, name })),
            quoted: composer.replyToMessage,
        },
        onParked: () => composer.clear(),
    });
}

/**
 * What can be sent that is no text: the composer has a button for each of them, the
 * command palette lists them.
 *
 * @typedef {Object} ComposerWindow
 * @property {string} id
 * @property {string} name
 * @property {string} icon
 * @property {(conversation: import("models").Conversation) => any} open
 * @property {(conversation: import("models").Conversation) => boolean} isAvailable for
 *  those who write to the customer
 * @property {boolean} [isOwners] whether guests do not have it
 * @property {number} [sequence] among what the composer's menu lists
 * @property {number} [sequenceQuick] among the buttons beside the text
 *
 * @type {ComposerWindow[]}
 */
export const COMPOSER_WINDOWS = [
    {
        id: "whatsapp-quick-replies",
        name: _t("Quick replies and templates"),
        icon: "fa fa-bolt",
        open: (conversation) => openMessagePicker(conversation),
        isAvailable: ({ is_reachable: isReachable }) => isReachable,
        sequenceQuick: 10,
    },
    {
        id: "whatsapp-question",
        name: _t("Buttons or a list"),
        icon: "fa fa-list-ul",
        open: open(QuestionDialog),
        isAvailable: canWrite,
        sequence: 24,
    },
    {
        id: "whatsapp-location",
        name: _t("Location"),
        icon: "fa fa-map-marker",
        open: open(LocationDialog),
        isAvailable: canWrite,
        sequence: 26,
    },
    {
        id: "whatsapp-contact",
        name: _t("Contact card"),
        icon: "fa fa-address-card-o",
        open: open(ContactDialog),
        isAvailable: canWrite,
        sequence: 28,
    },
    {
        id: "whatsapp-send-later",
        name: _t("Send later"),
        icon: "fa fa-clock-o",
        open: openSendLater,
        // its agent changes or discards it, and is told when it cannot leave
        isOwners: true,
        isAvailable: canWrite,
        sequence: 40,
    },
];

/**
 * Whether a window can be opened, from the composer or from elsewhere: all are for the
 * customer, so not while a note is written.
 *
 * @param {ComposerWindow} composerWindow
 * @param {import("models").Conversation} [conversation]
 */
export function canOpenWindow({ isAvailable, isOwners }, conversation) {
    return (
        Boolean(isOwners ? conversation?.isMine : conversation?.takesPart) &&
        !conversation.channel_id?.isWhatsappNoting &&
        isAvailable(conversation)
    );
}

for (const composerWindow of COMPOSER_WINDOWS) {
    const { icon, id, name, open: openWindow, sequence, sequenceQuick } = composerWindow;
    registerComposerAction(id, {
        icon,
        name,
        sequence,
        sequenceQuick,
        condition: ({ composer }) =>
            isWhatsapp(composer?.targetThread) &&
            !composer.message &&
            canOpenWindow(composerWindow, composer.targetThread.whatsappConversation),
        onSelected: ({ composer }) => openWindow(composer.targetThread.whatsappConversation),
    });
}
