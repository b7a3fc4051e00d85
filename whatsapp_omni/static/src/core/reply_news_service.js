import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Tell the agent what became of a reply that was to leave at a time. */
const replyNewsService = {
    dependencies: ["bus_service", "mail.store", "notification"],
    /**
     * @param {import("@web/env").OdooEnv} env
     * @param {import("services").ServiceFactories} services
     */
    start(env, { bus_service: busService, "mail.store": store, notification }) {
        busService.subscribe("whatsapp_omni.reply_news", ({ conversation_id: id, name, text }) => {
            const remove = notification.add(text, {
                title: name,
                type: "warning",
                sticky: true,
                buttons: [
                    {
                        name: _t("Open"),
                        onClick: () => {
                            remove();
                            store.whatsappDesk.show(id);
                        },
                    },
                ],
            });
        });
    },
};

registry.category("services").add("whatsapp_omni.reply_news", replyNewsService);
