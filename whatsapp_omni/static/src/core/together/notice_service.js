import { registry } from "@web/core/registry";

/** Show what colleagues have to tell about a conversation, from wherever one is. */
const noticeService = {
    dependencies: ["bus_service", "mail.store"],
    /**
     * @param {import("@web/env").OdooEnv} env
     * @param {import("services").ServiceFactories} services
     */
    start(env, { bus_service: busService, "mail.store": store }) {
        busService.subscribe(
            "whatsapp_omni.notice",
            ({ conversation_id: id, customer_name, title, text, kind }) => {
                store.whatsappDesk.tell(id, text ? `${customer_name}: ${text}` : customer_name, {
                    title,
                    type: kind,
                    // what somebody wrote is not to be missed
                    sticky: Boolean(text),
                });
            }
        );
    },
};

registry.category("services").add("whatsapp_omni.notice", noticeService);
