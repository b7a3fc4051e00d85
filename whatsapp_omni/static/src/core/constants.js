import { _t } from "@web/core/l10n/translation";

export const CHANNEL_TYPE = "whatsapp_omni";
export const AGENT_MODEL = "whatsapp_omni.agent";
export const CONVERSATION_MODEL = "whatsapp_omni.conversation";
export const CUSTOMER_MODEL = "whatsapp_omni.customer";
export const INVITATION_MODEL = "whatsapp_omni.invitation";
export const PARKED_MODEL = "whatsapp_omni.parked.reply";
/** What the server raises where a conversation with the customer is open already. */
export const OPEN_CONVERSATION_ERROR =
    "odoo.addons.whatsapp_omni.models.conversation_outgoing.OpenConversation";

const HOUR = 60 * 60 * 1000;
/** The window is shown when less than this is left of it, in milliseconds. */
export const WINDOW_SHOWN_BELOW = 4 * HOUR;
/** The window is shown as urgent when less than this is left of it, in milliseconds. */
export const WINDOW_URGENT_BELOW = 2 * HOUR;

/** The sign and the word for what a message carries when it is more than text. */
export const KINDS = {
    image: { icon: "fa-camera", label: _t("Photo") },
    video: { icon: "fa-video-camera", label: _t("Video") },
    audio: { icon: "fa-microphone", label: _t("Voice message") },
    document: { icon: "fa-file-text-o", label: _t("Document") },
    file: { icon: "fa-file-text-o", label: _t("Document") },
    sticker: { icon: "fa-smile-o", label: _t("Sticker") },
    location: { icon: "fa-map-marker", label: _t("Location") },
    contact: { icon: "fa-address-card-o", label: _t("Contact card") },
    reaction: { icon: "fa-heart-o", label: _t("Reaction") },
    answer: { icon: "fa-hand-pointer-o", label: _t("Answer to a button") },
    flow_answer: { icon: "fa-list-alt", label: _t("Answer to a form") },
    order: { icon: "fa-shopping-cart", label: _t("Order") },
    quick_reply: { icon: "fa-hand-pointer-o", label: _t("Buttons") },
    list: { icon: "fa-list-ul", label: _t("List") },
    template: { icon: "fa-file-o", label: _t("Template") },
    welcome_request: { icon: "fa-hand-paper-o", label: _t("Opened the chat") },
    unsupported: { icon: "fa-question-circle-o", label: _t("Unsupported message") },
};

/** @param {{channel_type?: string}} [thread] */
export function isWhatsapp(thread) {
    return thread?.channel_type === CHANNEL_TYPE;
}
