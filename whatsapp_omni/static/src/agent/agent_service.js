import { onChange } from "@mail/utils/common/misc";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

import { RING_MUTED_LS } from "@whatsapp_omni/agent/agent_model";

/** How often the server is told that a page of this agent is open. */
const BEAT_PERIOD = 60 * 1000;
const LAST_BEAT_LS = "whatsapp_omni.last_beat";

/** Has the page know how its agent stands, and rings when something is offered. */
export class AgentService {
    /**
     * @param {import("@web/env").OdooEnv} env
     * @param {import("services").ServiceFactories} services
     */
    constructor(env, services) {
        this.env = env;
        this.services = services;
        this.agent = services["mail.store"].whatsappAgent;
        this.isMainTab = false;
        /** Ids of what was announced outside of the page. */
        this.announced = new Set();
        /** Until when it rings here; 0 for not at all. */
        this.ringsUntilMs = 0;
    }

    start() {
        this.listen();
        this.watch();
        this.agent.refresh().then(() => this.beat());
        browser.setInterval(() => this.beat(), BEAT_PERIOD);
    }

    /** One page of a browser is enough. */
    beat() {
        const last = Number(browser.localStorage.getItem(LAST_BEAT_LS)) || 0;
        const isOfAnother = Math.abs(Date.now() - last) < BEAT_PERIOD * 0.75;
        if (this.agent.isAgent && !isOfAnother) {
            browser.localStorage.setItem(LAST_BEAT_LS, Date.now());
            this.agent.beat();
        }
    }

    listen() {
        const { agent } = this;
        const { bus_service: busService, multi_tab: multiTab } = this.services;
        busService.subscribe("whatsapp_omni.offered", (payload) => agent.onOffered(payload));
        busService.subscribe("whatsapp_omni.offer_ended", (payload) => agent.onOfferEnded(payload));
        busService.subscribe("whatsapp_omni.agent_state", (payload) => agent.onState(payload));
        busService.subscribe("whatsapp_omni.agent_load", ({ load, capacity }) => {
            Object.assign(agent, { load, capacity });
        });
        busService.subscribe("whatsapp_omni.look_again", (payload) => agent.onLookAgain(payload));
        busService.subscribe("whatsapp_omni.queues_changed", () => agent.refresh());
        // what was said while the page slept or the network was gone
        busService.addEventListener("BUS:RECONNECT", () => {
            agent.endedIds.clear();
            agent.refresh();
        });
        multiTab.bus.addEventListener("become_main_tab", () => this.setMainTab(true));
        multiTab.bus.addEventListener("no_longer_main_tab", () => this.setMainTab(false));
        Promise.resolve(multiTab.isOnMainTab()).then((answer) => this.setMainTab(answer));
        browser.addEventListener("storage", ({ key, newValue }) => {
            if (key === RING_MUTED_LS) {
                agent.isRingMuted = newValue === "true";
            }
        });
    }

    watch() {
        onChange(this.agent, ["shownOffers", "ringsUntilMs", "isRingMuted"], () => this.update());
    }

    /** @param {boolean} isMainTab whether this is the one page that makes a noise */
    setMainTab(isMainTab) {
        this.isMainTab = isMainTab;
        this.update();
    }

    update() {
        const offers = this.agent.shownOffers;
        this.services.title.setCounters({ whatsapp_omni: offers.length });
        this.ring();
        this.announce(offers);
    }

    ring() {
        const ringtone = this.services["whatsapp_omni.ringtone"];
        const mayRing = this.isMainTab && !this.agent.isRingMuted;
        const endMs = mayRing ? this.agent.ringsUntilMs : 0;
        if (Math.abs(endMs - this.ringsUntilMs) < 1000) {
            return;
        }
        this.ringsUntilMs = endMs;
        if (endMs) {
            ringtone.play((endMs - Date.now()) / 1000);
        } else {
            ringtone.stop();
        }
    }

    /** Say it outside of the page to who is looking elsewhere. */
    announce(offers) {
        const fresh = offers.filter(({ id }) => !this.announced.has(id));
        this.announced = new Set(offers.map(({ id }) => id));
        if (!this.isMainTab || this.services.presence.isOdooFocused()) {
            return;
        }
        for (const { conversation } of fresh) {
            this.services["mail.out_of_focus"].sendNotification({
                title: _t("%(name)s is waiting for you", { name: conversation.name }),
                message: conversation.offerText,
                icon: conversation.avatar_url,
                sound: false,
                type: "info",
            });
        }
    }
}

const agentService = {
    dependencies: [
        "bus_service",
        "mail.out_of_focus",
        "mail.store",
        "multi_tab",
        "presence",
        "title",
        "whatsapp_omni.ringtone",
    ],
    start(env, services) {
        const { bus_service: busService } = services;
        const begin = () => {
            busService.unsubscribe("whatsapp_omni.queues_changed", begin);
            new AgentService(env, services).start();
        };
        if (session.is_whatsapp_omni_agent) {
            begin();
        } else {
            // the page is older than the rights of who becomes an agent
            busService.subscribe("whatsapp_omni.queues_changed", begin);
        }
    },
};

registry.category("services").add("whatsapp_omni.agent", agentService);
