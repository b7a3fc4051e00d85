import { registry } from "@web/core/registry";

/** Of a websocket whose user the server does not know any more. */
const SESSION_EXPIRED = 4001;

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
        busService.addEventListener("BUS:RECONNECTING", ({ detail }) => {
            if (detail?.closeCode === SESSION_EXPIRED) {
                store.whatsappDesk.onSessionOver();
            }
        });
        busService.addEventListener("BUS:RECONNECT", () => store.whatsappDesk.onReconnected());
    },
};

registry.category("services").add("whatsapp_omni.desk", whatsappDeskService);
