import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Tell agents what was transferred to them, and what became of their own transfers. */
const transferService = {
    dependencies: ["action", "bus_service", "mail.store", "notification"],
    /**
     * @param {import("@web/env").OdooEnv} env
     * @param {import("services").ServiceFactories} services
     */
    start(env, { action, bus_service: busService, "mail.store": store, notification }) {
        function open(id) {
            return store.whatsappDesk.isActive
                ? store.whatsappDesk.open(id)
                : action.doAction("whatsapp_omni.action_inbox", { props: { resId: id } });
        }

        function notify(text, conversationId, options = {}) {
            const remove = notification.add(text, {
                buttons: [
                    {
                        name: _t("Open"),
                        onClick: () => {
                            remove();
                            return open(conversationId);
                        },
                    },
                ],
                ...options,
            });
        }

        busService.subscribe("whatsapp_omni.transferred", (transfer) => {
            if (transfer.kind !== "exclusive") {
                return; // it rings
            }
            const values = { by: transfer.by, name: transfer.name, note: transfer.note };
            notify(
                transfer.note
                    ? _t("%(by)s transferred %(name)s to you: %(note)s", values)
                    : _t("%(by)s transferred %(name)s to you.", values),
                transfer.conversation_id,
                { type: "info" }
            );
        });

        busService.subscribe("whatsapp_omni.transfer_settled", (transfer) => {
            const hasCome = ["refused", "expired"].includes(transfer.state);
            if (transfer.state === "accepted") {
                notification.add(_t("%(by)s took %(name)s.", transfer), { type: "success" });
            } else if (hasCome || transfer.is_yours) {
                notify(explain(transfer), transfer.conversation_id, {
                    type: "warning",
                    sticky: true,
                });
            } else {
                notification.add(explain(transfer), { type: "info" });
            }
        });
    },
};

/** @param {{state: string, name: string, target: string, by: string|false, queue: string, reason: string, is_yours: boolean, is_closed: boolean}} transfer */
function explain(transfer) {
    const { by, name, queue, reason, target } = transfer;
    if (transfer.is_closed) {
        return _t("The conversation with %(name)s was closed before %(target)s took it.", {
            name,
            target,
        });
    }
    let what;
    if (transfer.state === "withdrawn") {
        what = by
            ? _t("%(by)s took back the transfer of %(name)s to %(target)s.", { by, name, target })
            : _t("The transfer of %(name)s was taken back.", { name });
    } else if (transfer.state === "refused") {
        what = _t("%(by)s did not want %(name)s.", { by: by || target, name });
    } else {
        what = _t("%(target)s did not take %(name)s.", { name, target });
    }
    const where = transfer.is_yours
        ? _t("It is yours again.")
        : _t("It waits in %(queue)s.", { queue });
    return [what, transfer.state === "refused" ? reason : "", where].filter(Boolean).join(" ");
}

registry.category("services").add("whatsapp_omni.transfer", transferService);
