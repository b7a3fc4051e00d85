import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const MENU_MODEL = "whatsapp_omni.menu";

const ICONS = {
    queue: "fa-users",
    menu: "fa-sitemap",
    template: "fa-comment",
    action: "fa-cogs",
};

/**
 * One menu as a box, with those that its options lead to inside.
 *
 * @typedef {Object} Props
 * @property {Object} menu as `get_tree` draws it
 * @extends {Component<Props, Env>}
 */
export class MenuBox extends Component {
    static template = "whatsapp_omni.MenuBox";
    static components = { MenuBox };
    static props = ["menu"];

    icon(option) {
        return ICONS[option.kind];
    }

    /** What share of the answers an option got, for the length of its bar. */
    share(option) {
        const { chose } = this.props.menu;
        return chose ? Math.round((100 * option.chose) / chose) : 0;
    }

    get enteredText() {
        return _t("%(count)s entered", { count: this.props.menu.entered });
    }

    get choseText() {
        return _t("%(count)s chose", { count: this.props.menu.chose });
    }

    get gaveUpText() {
        return _t("%(count)s gave up", { count: this.props.menu.gave_up });
    }
}

/** The picture of a tree of menus, on the form of its first menu or of a line. */
export class MenuTree extends Component {
    static template = "whatsapp_omni.MenuTree";
    static components = { MenuBox };
    static props = { ...standardWidgetProps, field: { type: String, optional: true } };

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.state = useState({ menu: undefined });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => this.load(props));
    }

    /** @param {Object} props */
    async load({ record, field }) {
        const menuId = field ? record.data[field]?.id : record.resId;
        this.state.menu = menuId
            ? await this.orm.call(MENU_MODEL, "get_tree", [[menuId]])
            : undefined;
    }
}

registry.category("view_widgets").add("whatsapp_omni_menu_tree", {
    component: MenuTree,
    extractProps: ({ attrs }) => ({ field: attrs.field }),
    fieldDependencies: [],
});
