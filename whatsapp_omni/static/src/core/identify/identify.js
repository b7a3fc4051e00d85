import { _t } from "@web/core/l10n/translation";

import { CUSTOMER_MODEL } from "@whatsapp_omni/core/constants";

/**
 * Link the customer of a conversation to a contact, and offer to take it back.
 *
 * @param {import("models").Conversation} conversation
 * @param {number|false} partnerId false for nobody's
 */
export async function identify(conversation, partnerId) {
    const former = await link(conversation, partnerId);
    if (former.id !== partnerId) {
        tellLinked(conversation, partnerId, former);
    }
}

/**
 * Show that the server has linked the customer of a conversation to a new contact.
 *
 * @param {import("models").Conversation} conversation
 * @param {number} partnerId
 * @param {{id: number|false, name: string}} former
 */
export function showCreated(conversation, partnerId, former) {
    showLinked(conversation, partnerId);
    tellLinked(conversation, partnerId, former);
}

function tellLinked(conversation, partnerId, former) {
    const { notification } = conversation.store.env.services;
    const close = notification.add(
        partnerId ? _t("The contact is linked.") : _t("%(name)s is unlinked.", former),
        {
            type: "success",
            buttons: [
                {
                    name: _t("Undo"),
                    onClick: () => {
                        close();
                        return link(conversation, former.id);
                    },
                },
            ],
        }
    );
}

/** @returns {Promise<{id: number|false, name: string}>} the former contact */
async function link(conversation, partnerId) {
    const { orm } = conversation.store.env.services;
    const former = await orm.call(CUSTOMER_MODEL, "action_identify", [
        [conversation.customer_id],
        partnerId,
    ]);
    showLinked(conversation, partnerId);
    return former;
}

function showLinked(conversation, partnerId) {
    if (conversation.exists()) {
        // the bus says the same, to everybody
        conversation.is_identified = Boolean(partnerId);
        conversation.panelNews++;
        if (conversation.isMine && !conversation.store.env.services.ui.isSmall) {
            // what was clicked is gone: the agent goes on with the answer
            conversation.channel_id.composer.autofocus++;
        }
    }
}
