import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Tell the agent that a customer has answered a template. */
const templateAnsweredService = {
    dependencies: ["bus_service", "mail.store"],
    /**
     * @param {import("@web/env").OdooEnv} env
     * @param {import("services").ServiceFactories} services
     */
    start(env, { bus_service: busService, "mail.store": store }) {
        busService.subscribe(
            "whatsapp_omni.template_answered",
            ({ conversation_id: id, name, parked_count: parkedCount }) => {
                const text = parkedCount
                    ? _t("%(name)s has answered: what was parked is being sent.", { name })
                    : _t("%(name)s has answered: you can write again.", { name });
                store.whatsappDesk.tell(id, text, { type: "success" });
            }
        );
    },
};

registry.category("services").add("whatsapp_omni.template_answered", templateAnsweredService);
