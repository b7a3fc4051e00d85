import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { listView } from "@web/views/list/list_view";
import { ListController } from "@web/views/list/list_controller";

import { onWillDestroy, onWillStart } from "@odoo/owl";

const AGENTS_BUS_CHANNEL = "whatsapp_omni.agents";
const NEWS = "whatsapp_omni.agents_changed";

/** However many agents are given something, the list is read once in this time. */
const RELOAD_DELAY = 500;

/**
 * Show the agents of a view as they are, whenever the server tells of one.
 *
 * @param {import("@web/model/relational_model/relational_model").RelationalModel} model
 */
function useAgentNews(model) {
    const bus = useService("bus_service");
    let timer;
    const reload = async () => {
        timer = undefined;
        // What somebody has selected or types matters more.
        if (model.root && !model.root.editedRecord && !model.root.selection.length) {
            await model.root.load();
        }
    };
    // Not put off by each piece of news: where there is always some, none would be read.
    const listener = () => {
        timer ??= browser.setTimeout(reload, RELOAD_DELAY);
    };
    // what was said while the page slept or the network was gone
    useBus(bus, "BUS:RECONNECT", listener);
    onWillStart(() => {
        // Kept when the view is left: the next one may have asked for it already.
        bus.addChannel(AGENTS_BUS_CHANNEL);
        bus.subscribe(NEWS, listener);
    });
    onWillDestroy(() => {
        bus.unsubscribe(NEWS, listener);
        browser.clearTimeout(timer);
    });
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
