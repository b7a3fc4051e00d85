import { Component } from "@odoo/owl";

import { useNow } from "@whatsapp_omni/core/now_hook";

const URGENT_BELOW = 10;
/** Three digits do not fit into the ring, and nobody counts them. */
const MINUTES_FROM = 100;

/**
 * A ring that empties, with the seconds that are left in it, or the minutes: 9′.
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

    get leftText() {
        return this.left < MINUTES_FROM ? this.left : `${Math.ceil(this.left / 60)}′`;
    }

    /** How much of the ring is empty, in hundredths. */
    get emptied() {
        return 100 - (100 * this.left) / Math.max(1, this.props.offer.seconds);
    }

    get isUrgent() {
        return this.left < URGENT_BELOW;
    }
}
