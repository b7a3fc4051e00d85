import { onWillUnmount, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/**
 * The contact, edited in place: what was changed is saved at once, field by field.
 */
export class ContactFormController extends FormController {
    static template = "whatsapp_omni.ContactForm";

    setup() {
        super.setup();
        this.panelState = useState({ error: "" });
        onWillUnmount(() => {
            // what is still being typed when the panel goes
            this.model.root.urgentSave();
        });
    }

    /** @override */
    get modelParams() {
        const params = super.modelParams;
        params.hooks.onRecordChanged = () => {
            // Not awaited: it waits for the change that is being told.
            this.saveChanges();
        };
        return params;
    }

    /** Save; what the server refuses stays in the form, with the reason. */
    async saveChanges() {
        this.panelState.error = "";
        const isSaved = await this.model.root.save({
            onError: (error) => {
                this.panelState.error =
                    error.data?.message || _t("This could not be saved. Try again.");
                return false;
            },
        });
        if (isSaved) {
            this.props.onSave?.();
        }
    }

    async undoChanges() {
        this.panelState.error = "";
        await this.model.root.discard();
    }
}

registry.category("views").add("whatsapp_omni_contact_form", {
    ...formView,
    Controller: ContactFormController,
});
