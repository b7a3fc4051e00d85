import { Component, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";

import { useContactSearch } from "@whatsapp_omni/core/contact_search_hook";
import {
    isOnEarth,
    isShortLink,
    parseCoordinates,
} from "@whatsapp_omni/core/location_dialog/coordinates";
import { useSending } from "@whatsapp_omni/core/sending_hook";
import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

const GEOLOCATED = [
    ["partner_latitude", "!=", 0],
    ["partner_longitude", "!=", 0],
];
const FIELDS = ["display_name", "contact_address_inline", "partner_latitude", "partner_longitude"];
const PLACES_LIMIT = 5;

/**
 * Send a place: pasted from a map, where we are, or a contact's address.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class LocationDialog extends Component {
    static template = "whatsapp_omni.LocationDialog";
    static components = { Dialog, WhatsappPreview };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.sending = useSending();
        // contacts whose address has coordinates
        this.search = useContactSearch(GEOLOCATED, FIELDS, PLACES_LIMIT);
        useAutofocus({ refName: "pasted" });
        this.state = useState({
            pasted: "",
            latitude: "",
            longitude: "",
            name: "",
            address: "",
            positionError: "",
            isLocating: false,
        });
    }

    get title() {
        return _t("Send a location to %(name)s", { name: this.props.conversation.name });
    }

    get canLocate() {
        return Boolean(browser.navigator.geolocation);
    }

    onPasted(ev) {
        this.state.pasted = ev.target.value;
        const place = parseCoordinates(this.state.pasted);
        if (place) {
            this.take(place);
        }
    }

    get pastedProblem() {
        const { pasted } = this.state;
        if (!pasted.trim() || parseCoordinates(pasted)) {
            return "";
        }
        return isShortLink(pasted)
            ? _t("A short link does not tell the place: open it and copy the address from there.")
            : _t("There are no coordinates in this.");
    }

    take({ latitude, longitude }) {
        this.state.latitude = String(latitude);
        this.state.longitude = String(longitude);
        this.state.positionError = "";
    }

    takeContact(contact) {
        this.take({
            latitude: contact.partner_latitude,
            longitude: contact.partner_longitude,
        });
        this.state.name = contact.display_name;
        this.state.address = contact.contact_address_inline || "";
    }

    async locate() {
        this.state.isLocating = true;
        try {
            const { coords } = await new Promise((resolve, reject) =>
                browser.navigator.geolocation.getCurrentPosition(resolve, reject, {
                    timeout: 15000,
                })
            );
            this.take(coords);
        } catch {
            this.state.positionError = _t(
                "The browser does not tell where you are. Allow it, or paste the coordinates."
            );
        } finally {
            this.state.isLocating = false;
        }
    }

    get place() {
        const { address, latitude, longitude, name } = this.state;
        return {
            latitude: Number(latitude.replace(",", ".")),
            longitude: Number(longitude.replace(",", ".")),
            name: name.trim(),
            address: address.trim(),
        };
    }

    get hasPlace() {
        const { latitude, longitude } = this.state;
        return Boolean(latitude.trim() && longitude.trim());
    }

    /** @returns {string|undefined} what keeps it from being sent */
    get problem() {
        if (!this.hasPlace) {
            return _t("Choose a place.");
        }
        // what is no number is nowhere either
        return isOnEarth(this.place) ? undefined : _t("These coordinates do not exist.");
    }

    async send() {
        if (this.problem) {
            return;
        }
        await this.sending.run(async () => {
            await this.props.conversation.sendBuilt("location", this.place);
            this.props.close();
        });
    }
}
