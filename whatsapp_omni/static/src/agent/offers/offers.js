import { Component } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { OfferCard } from "@whatsapp_omni/agent/offers/offer_card";

/** What rings at the agent, above every page. */
export class Offers extends Component {
    static template = "whatsapp_omni.Offers";
    static components = { OfferCard };
    static props = {};

    setup() {
        super.setup();
        this.store = useService("mail.store");
    }

    get agent() {
        return this.store.whatsappAgent;
    }
}

registry.category("main_components").add("whatsapp_omni.Offers", { Component: Offers });
