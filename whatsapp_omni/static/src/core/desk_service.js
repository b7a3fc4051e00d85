import { registry } from "@web/core/registry";

const whatsappDeskService = {
    dependencies: ["bus_service", "mail.store"],
    /**
     * @param {import("@web/env").OdooEnv} env
     * @param {import("services").ServiceFactories} services
     */
    start(env, { bus_service: busService, "mail.store": store }) {
        busService.subscribe("whatsapp_omni.captured", (payload) =>
            store.whatsappDesk.onCaptured(payload)
        );
        busService.subscribe("whatsapp_omni.resumed", (payload) =>
            store.whatsappDesk.onResumed(payload)
        );
        busService.subscribe("whatsapp_omni.queues_changed", () =>
            store.whatsappDesk.onQueuesChanged()
        );
    },
};

registry.category("services").add("whatsapp_omni.desk", whatsappDeskService);
