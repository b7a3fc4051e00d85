import { Component } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

import { conversationActions } from "@whatsapp_omni/core/conversation_actions";

/** @extends {Component<{close: () => void}, Env>} */
export class ShortcutsDialog extends Component {
    static template = "whatsapp_omni.ShortcutsDialog";
    static components = { Dialog };
    static props = ["close"];

    /** The actions that have a key of their own, and those that share one in one row. */
    get actions() {
        const byKey = new Map();
        for (const [, { hotkey, name }] of conversationActions.getEntries()) {
            if (hotkey) {
                byKey.set(hotkey, [...(byKey.get(hotkey) ?? []), name]);
            }
        }
        return [...byKey].map(([hotkey, names]) => ({
            keys: [hotkey.toUpperCase()],
            text: names.join(" / "),
        }));
    }

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
            { keys: [_t("Tab")], text: _t("In the empty composer: the next one that needs you") },
            {
                keys: ["/"],
                text: _t("Quick replies and templates; in the composer, their shortcuts"),
            },
            { keys: ["Alt+N"], text: _t("Private note, and back to the customer") },
            { keys: ["::"], text: _t("In the composer: canned responses") },
            { keys: ["Ctrl+K"], text: _t("Everything that can be done") },
            ...this.actions,
            { keys: ["?"], text: _t("This sheet") },
        ];
    }
}
