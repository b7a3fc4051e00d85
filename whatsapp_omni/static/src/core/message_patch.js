import { Message } from "@mail/core/common/message";
import { NotificationMessage } from "@mail/core/common/notification_message";

import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";
import { MediaPlaceholder } from "@whatsapp_omni/core/media_placeholder/media_placeholder";
import { MessageStatus, MessageTrouble } from "@whatsapp_omni/core/message_status/message_status";

Object.assign(Message.components, { MediaPlaceholder, MessageStatus, MessageTrouble });

patch(NotificationMessage.prototype, {
    /** What happens to a conversation names who did it in its own words. */
    get isWhatsapp() {
        return isWhatsapp(this.props.thread);
    },
});

patch(Message.prototype, {
    get attClass() {
        const { message } = this;
        return {
            ...super.attClass,
            "o-whatsapp_omni-outgoing": this.isWhatsappBubbleRight,
            "o-whatsapp_omni-automatic": message.isWhatsappAutomatic,
            "o-whatsapp_omni-note": isWhatsapp(message.thread) && message.isNote,
        };
    },
    get isWhatsappBubbleRight() {
        return this.message.isWhatsappOutgoing && !this.props.asCard && !this.env.messageCard;
    },
    /** @override As on a phone: the customer on the left, we on the right. */
    get isAlignedRight() {
        return this.isWhatsappBubbleRight || super.isAlignedRight;
    },
    get showsWhatsappStatusInBubble() {
        const { message } = this;
        return Boolean(message.whatsapp_omni_status) && message.hasTextContent;
    },
});
