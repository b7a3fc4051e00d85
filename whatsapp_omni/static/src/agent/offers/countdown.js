import { Component } from "@odoo/owl";

import { useNow } from "@whatsapp_omni/core/now_hook";

const URGENT_BELOW = 10;

/**
 * A ring that empties, with the seconds that are left in it.
 *
 * @typedef {Object} Props
 * @property {import("models").WhatsappOffer} offer
 * @extends {Component<Props, Env>}
 */
export class Countdown extends Component {
    static template = "whatsapp_omni.Countdown";
    static props = ["offer"];

    setup() {
        super.setup();
        this.now = useNow();
    }

    get left() {
        return this.props.offer.left(this.now.ms);
    }

    /** How much of the ring is empty, in hundredths. */
    get emptied() {
        return 100 - (100 * this.left) / Math.max(1, this.props.offer.seconds);
    }

    get isUrgent() {
        return this.left < URGENT_BELOW;
    }
}
