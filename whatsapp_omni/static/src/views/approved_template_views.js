import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formView } from "@web/views/form/form_view";
import { FormController } from "@web/views/form/form_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { listView } from "@web/views/list/list_view";
import { ListController } from "@web/views/list/list_controller";

import { onWillStart, onWillUnmount } from "@odoo/owl";

const CHANGED = "whatsapp_omni.approved_template/changed";

/**
 * Call `reload` when the provider has told something new of a template.
 *
 * @param {(ids: number[]) => void} reload
 */
function useTemplateChanges(reload) {
    const bus = useService("bus_service");
    const listener = ({ ids }) => reload(ids);
    onWillStart(() => {
        bus.subscribe(CHANGED, listener);
        bus.start();
    });
    onWillUnmount(() => bus.unsubscribe(CHANGED, listener));
}

export class ApprovedTemplateFormController extends FormController {
    setup() {
        super.setup();
        useTemplateChanges(async (ids) => {
            const { root } = this.model;
            // What somebody is typing matters more than what has just changed.
            if (root && ids.includes(root.resId) && !(await root.isDirty())) {
                await root.load();
            }
        });
    }
}

/** Read again what a list or cards show, unless somebody is at work in them. */
async function reloadRecords({ root }) {
    if (!root.editedRecord && !root.selection.length) {
        await root.load();
    }
}

export class ApprovedTemplateListController extends ListController {
    setup() {
        super.setup();
        useTemplateChanges(() => reloadRecords(this.model));
    }
}

export class ApprovedTemplateKanbanController extends KanbanController {
    setup() {
        super.setup();
        useTemplateChanges(() => reloadRecords(this.model));
    }
}

registry.category("views").add("whatsapp_omni_approved_template_form", {
    ...formView,
    Controller: ApprovedTemplateFormController,
});
registry.category("views").add("whatsapp_omni_approved_template_list", {
    ...listView,
    Controller: ApprovedTemplateListController,
});
registry.category("views").add("whatsapp_omni_approved_template_kanban", {
    ...kanbanView,
    Controller: ApprovedTemplateKanbanController,
});
