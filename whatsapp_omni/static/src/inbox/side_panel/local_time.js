import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const { DateTime } = luxon;

/**
 * What the customer's clock says.
 *
 * @typedef {Object} Props
 * @property {{zones: string[], is_sure: boolean}} time see the server's `_local_time`
 * @extends {Component<Props, Env>}
 */
export class LocalTime extends Component {
    static template = "whatsapp_omni.LocalTime";
    static props = ["time"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
    }

    /** @returns {string} "14:05", or "8:05 AM – 1:05 PM" where it may be any of these */
    get text() {
        const { zones } = this.props.time;
        const ends = zones.length > 1 ? [zones[0], zones.at(-1)] : zones;
        return ends.map((zone) => this.clock(zone)).join(" – ");
    }

    clock(zone) {
        const here = DateTime.fromMillis(this.store.whatsappDesk.nowMs);
        const there = here.setZone(zone);
        const time = there.toLocaleString(DateTime.TIME_SIMPLE);
        return there.day === here.day
            ? time
            : `${there.toLocaleString({ weekday: "short" })} ${time}`;
    }

    get title() {
        const { zones, is_sure } = this.props.time;
        const places = zones.map((zone) => zone.split("/").pop().replaceAll("_", " ")).join(", ");
        return is_sure
            ? _t("Local time: %(places)s", { places })
            : _t("Guessed by the number: %(places)s. The contact's time zone would tell.", {
                  places,
              });
    }
}
