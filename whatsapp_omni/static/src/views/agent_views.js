import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { listView } from "@web/views/list/list_view";
import { ListController } from "@web/views/list/list_controller";

import { onWillDestroy, onWillStart } from "@odoo/owl";

const NEWS = ["whatsapp_omni.agent_state", "whatsapp_omni.agent_load"];

/** When many agents are given something at once, the list is read once. */
const RELOAD_DELAY = 500;

/**
 * Show the agents of a view as they are, whenever the server tells of one.
 *
 * @param {import("@web/model/relational_model/relational_model").RelationalModel} model
 */
function useAgentNews(model) {
    const bus = useService("bus_service");
    const reload = useDebounced(async () => {
        // What somebody has selected or types matters more.
        if (model.root && !model.root.editedRecord && !model.root.selection.length) {
            await model.root.load();
        }
    }, RELOAD_DELAY);
    const listener = () => reload();
    // what was said while the page slept or the network was gone
    useBus(bus, "BUS:RECONNECT", listener);
    onWillStart(() => NEWS.forEach((kind) => bus.subscribe(kind, listener)));
    onWillDestroy(() => NEWS.forEach((kind) => bus.unsubscribe(kind, listener)));
}

export class AgentListController extends ListController {
    setup() {
        super.setup();
        useAgentNews(this.model);
    }
}

export class AgentKanbanController extends KanbanController {
    setup() {
        super.setup();
        useAgentNews(this.model);
    }
}

registry.category("views").add("whatsapp_omni_agent_list", {
    ...listView,
    Controller: AgentListController,
});
registry.category("views").add("whatsapp_omni_agent_kanban", {
    ...kanbanView,
    Controller: AgentKanbanController,
});
