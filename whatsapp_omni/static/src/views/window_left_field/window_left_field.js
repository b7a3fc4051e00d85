import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { formatMoment } from "@whatsapp_omni/core/formatting";
import { windowLevel } from "@whatsapp_omni/core/window_left/window_level";
import { WindowLeft } from "@whatsapp_omni/core/window_left/window_left";

/**
 * A date and time shown as what is left until then, counting down as one looks.
 */
export class WindowLeftField extends Component {
    static template = "whatsapp_omni.WindowLeftField";
    static components = { WindowLeft };
    static props = {
        ...standardFieldProps,
        showEnd: { type: Boolean, optional: true },
    };

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.store.whatsappDesk.startClock();
    }

    get end() {
        return this.props.record.data[this.props.name];
    }

    /** What the component shows of a conversation. */
    get conversation() {
        const windowLeft = this.end.toMillis() - this.store.whatsappDesk.nowMs;
        return {
            window_end: this.end,
            windowLeft,
            windowLevel: windowLevel(windowLeft),
        };
    }

    get moment() {
        return formatMoment(this.end);
    }
}

registry.category("fields").add("whatsapp_omni_window_left", {
    component: WindowLeftField,
    displayName: _t("Time Left of the Window"),
    supportedTypes: ["datetime"],
    supportedOptions: [{ label: _t("Show the end as well"), name: "show_end", type: "boolean" }],
    extractProps: ({ options }) => ({ showEnd: Boolean(options.show_end) }),
});
