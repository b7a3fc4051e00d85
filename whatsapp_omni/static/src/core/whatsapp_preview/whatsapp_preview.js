import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { formatMarks } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_marks";

const MEDIA_ICONS = {
    image: "fa-picture-o",
    video: "fa-video-camera",
    audio: "fa-microphone",
    document: "fa-file-text-o",
    sticker: "fa-smile-o",
};
const BUTTON_ICONS = {
    reply: "fa-reply",
    url: "fa-external-link",
    phone: "fa-phone",
    copy: "fa-clone",
};

/**
 * A message as the customer sees it on WhatsApp. It knows nothing of records: give it
 * texts that are filled in already.
 *
 * @typedef {Object} Option
 * @property {string} title
 * @property {string} [description] of a row of a list
 * @property {"reply"|"url"|"phone"|"copy"} [kind] of a button, "reply" by default
 *
 * @typedef {Object} Props
 * @property {string} [header] text above the body, in bold
 * @property {"text"|"image"|"video"|"document"|"audio"|"sticker"|"location"|"contact"}
 *   [headerKind] what is above the body, "text" by default
 * @property {string} [mediaUrl] address of the file; without it a placeholder is shown
 * @property {string} [fileName] of a document
 * @property {string} [body] with WhatsApp's marks
 * @property {string} [footer]
 * @property {Option[]} [buttons] under the bubble
 * @property {Option[]} [options] rows of a list
 * @property {string} [opener] the button that opens the list
 * @property {{name?: string, address?: string}} [place] for headerKind "location"
 * @property {{name?: string, company?: string, phones?: string[], emails?: string[]}}
 *   [card] for headerKind "contact"
 * @extends {Component<Props, Env>}
 */
export class WhatsappPreview extends Component {
    static template = "whatsapp_omni.WhatsappPreview";
    static props = [
        "header?",
        "headerKind?",
        "mediaUrl?",
        "fileName?",
        "body?",
        "footer?",
        "buttons?",
        "options?",
        "opener?",
        "place?",
        "card?",
    ];
    static defaultProps = { headerKind: "text", buttons: [], options: [] };

    setup() {
        super.setup();
        this.state = useState({ isListOpen: true });
    }

    get body() {
        return formatMarks(this.props.body || "");
    }

    get isMedia() {
        return this.props.headerKind in MEDIA_ICONS;
    }

    get mediaIcon() {
        return MEDIA_ICONS[this.props.headerKind];
    }

    /** What is shown as it is; the rest is an icon with a name. */
    get isPictured() {
        return Boolean(this.props.mediaUrl) && ["image", "sticker"].includes(this.props.headerKind);
    }

    get isBare() {
        return this.props.headerKind === "sticker";
    }

    get isEmpty() {
        const { body, buttons, footer, header, headerKind, opener, options } = this.props;
        const isText = !this.isMedia && !["location", "contact"].includes(headerKind);
        return (
            isText && !body && !header && !footer && !opener && !buttons.length && !options.length
        );
    }

    get time() {
        return luxon.DateTime.now().toLocaleString(luxon.DateTime.TIME_SIMPLE);
    }

    get openerLabel() {
        return this.props.opener || _t("Show the list");
    }

    buttonIcon(button) {
        return BUTTON_ICONS[button.kind ?? "reply"];
    }

    toggleList() {
        this.state.isListOpen = !this.state.isListOpen;
    }
}
