import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";

import { openConversation } from "@whatsapp_omni/core/together/open_conversation";

/** Show what colleagues have to tell about a conversation, from wherever one is. */
const noticeService = {
    dependencies: ["bus_service", "mail.store", "notification"],
    /**
     * @param {import("@web/env").OdooEnv} env
     * @param {import("services").ServiceFactories} services
     */
    start(env, { bus_service: busService, "mail.store": store, notification }) {
        busService.subscribe(
            "whatsapp_omni.notice",
            ({ conversation_id: id, customer_name, title, text, kind }) => {
                const { conversation, isActive } = store.whatsappDesk;
                const isOnScreen = isActive && conversation?.id === id;
                const open = {
                    name: _t("Open"),
                    primary: true,
                    onClick: () => {
                        remove();
                        openConversation(store, id);
                    },
                };
                const remove = notification.add(
                    text ? `${customer_name}: ${text}` : customer_name,
                    {
                        title,
                        type: kind,
                        // what somebody wrote is not to be missed, unless it is on screen
                        sticky: Boolean(text) && !isOnScreen,
                        buttons: isOnScreen ? [] : [open],
                    }
                );
                if (!isOnScreen) {
                    store.whatsappDesk.keepNotice(id, remove);
                }
            }
        );
    },
};

registry.category("services").add("whatsapp_omni.notice", noticeService);
