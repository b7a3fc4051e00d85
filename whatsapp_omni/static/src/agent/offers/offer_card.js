import { Component } from "@odoo/owl";

import { isMacOS } from "@web/core/browser/feature_detection";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { Countdown } from "@whatsapp_omni/agent/offers/countdown";
import { formatDuration } from "@whatsapp_omni/core/formatting";

/**
 * One conversation that rings: who waits, since when, and two answers.
 *
 * @typedef {Object} Props
 * @property {import("models").WhatsappOffer} offer
 * @property {boolean} isFirst whether the keyboard answers this one
 * @extends {Component<Props, Env>}
 */
export class OfferCard extends Component {
    static template = "whatsapp_omni.OfferCard";
    static components = { Countdown };
    static props = ["offer", "isFirst"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.ui = useService("ui");
        this.store.whatsappDesk.startClock();
        const options = {
            bypassEditableProtection: true,
            global: true,
            isAvailable: () => this.props.isFirst,
        };
        useHotkey("alt+a", () => this.accept(), options);
        useHotkey("alt+d", () => this.decline(), options);
    }

    get conversation() {
        return this.props.offer.conversation;
    }

    get title() {
        return _t("%(name)s is waiting for you", { name: this.conversation.name });
    }

    get waitingText() {
        const { waiting_since, opened_at } = this.conversation;
        const since = waiting_since || opened_at;
        return since
            ? _t("waiting for %(duration)s", {
                  duration: formatDuration(this.store.whatsappDesk.nowMs - since.toMillis()),
              })
            : "";
    }

    get showsKeys() {
        return this.props.isFirst && !this.ui.isSmall;
    }

    /** @param {string} letter */
    keyText(letter) {
        return isMacOS() ? `⌃${letter}` : `Alt+${letter}`;
    }

    accept() {
        return this.store.whatsappAgent.accept(this.props.offer);
    }

    decline() {
        return this.store.whatsappAgent.decline(this.props.offer);
    }
}
