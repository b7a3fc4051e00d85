import { Component } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

/** @extends {Component<{close: () => void}, Env>} */
export class ShortcutsDialog extends Component {
    static template = "whatsapp_omni.ShortcutsDialog";
    static components = { Dialog };
    static props = ["close"];

    get shortcuts() {
        return [
            { keys: ["J", "↓"], text: _t("Next conversation") },
            { keys: ["K", "↑"], text: _t("Previous conversation") },
            { keys: ["Enter"], text: _t("Take a new conversation, or open yours") },
            { keys: ["Alt+A"], text: _t("Accept the conversation that rings") },
            { keys: ["Alt+D"], text: _t("Decline it") },
            { keys: [_t("Space")], text: _t("Read it without taking it") },
            { keys: ["Esc"], text: _t("Back to the list") },
            { keys: ["Enter"], text: _t("In the composer: send") },
            { keys: ["Shift+Enter"], text: _t("In the composer: new line") },
            { keys: ["/"], text: _t("Quick replies; in the composer, their shortcuts") },
            { keys: ["::"], text: _t("In the composer: canned responses") },
            { keys: ["Ctrl+K"], text: _t("Odoo's command palette") },
            { keys: ["?"], text: _t("This sheet") },
        ];
    }
}
