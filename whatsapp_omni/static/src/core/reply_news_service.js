import { registry } from "@web/core/registry";

/** Tell the agent what became of a reply that was to leave at a time. */
const replyNewsService = {
    dependencies: ["bus_service", "mail.store"],
    /**
     * @param {import("@web/env").OdooEnv} env
     * @param {import("services").ServiceFactories} services
     */
    start(env, { bus_service: busService, "mail.store": store }) {
        busService.subscribe("whatsapp_omni.reply_news", ({ conversation_id: id, name, text }) => {
            store.whatsappDesk.tell(id, text, { title: name, type: "warning", sticky: true });
        });
    },
};

registry.category("services").add("whatsapp_omni.reply_news", replyNewsService);
