import { Component } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";

import { HandOverDialog } from "@whatsapp_omni/agent/hand_over/hand_over_dialog";
import { formatCountdown, formatDuration, formatMoment } from "@whatsapp_omni/core/formatting";
import { useNow } from "@whatsapp_omni/core/now_hook";

const SIGNS = {
    available: "fa-circle text-success",
    wrap_up: "fa-pencil text-warning",
    paused: "fa-pause-circle text-warning",
    rona: "fa-exclamation-circle text-danger",
    offline: "fa-circle-o text-muted",
};

/**
 * How the agent stands, and the menu to change it.
 *
 * @typedef {Object} Props
 * @property {boolean} [inList] whether it is the head of the desk's list
 * @extends {Component<Props, Env>}
 */
export class AgentState extends Component {
    static template = "whatsapp_omni.AgentState";
    static components = { Dropdown, DropdownItem };
    static props = { inList: { type: Boolean, optional: true } };

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.dialog = useService("dialog");
        this.ui = useService("ui");
        this.permission = useService("mail.notification.permission");
        this.now = useNow();
    }

    get agent() {
        return this.store.whatsappAgent;
    }

    get wrapUpLeft() {
        return this.agent.wrapUpLeft(this.now.ms);
    }

    /** @returns {"available"|"wrap_up"|"paused"|"rona"|"offline"} */
    get shownState() {
        const isWrappingUp = this.agent.state === "available" && this.wrapUpLeft > 0;
        return isWrappingUp ? "wrap_up" : this.agent.state;
    }

    get sign() {
        return SIGNS[this.shownState];
    }

    get text() {
        return this.shownState === "wrap_up"
            ? _t("Wrap-up %(left)s", { left: formatCountdown(this.wrapUpLeft) })
            : this.agent.stateText;
    }

    /** Red where it can be read: the navigation bar has a colour of its own. */
    get alarmClass() {
        if (this.shownState !== "rona") {
            return "";
        }
        return this.props.inList ? "fw-bold text-danger" : "badge text-bg-danger";
    }

    /** The list has no room for it beside *Back to work*. */
    get showsDuration() {
        const hasRoom = this.props.inList ? this.shownState !== "rona" : !this.ui.isSmall;
        return hasRoom && Boolean(this.duration);
    }

    get duration() {
        const { since } = this.agent;
        return since ? formatDuration(this.now.ms - since.toMillis()) : "";
    }

    get loadText() {
        const load = formatFloat(this.agent.load, { digits: [0, 1], trailingZeros: false });
        return this.agent.capacity
            ? _t("%(load)s/%(capacity)s", { load, capacity: this.agent.capacity })
            : load;
    }

    get title() {
        const { since } = this.agent;
        return since
            ? _t("%(state)s since %(moment)s", {
                  state: this.agent.stateText,
                  moment: formatMoment(since),
              })
            : this.agent.stateText;
    }

    get choices() {
        const { state, reasonId, reasons } = this.agent;
        const pauses = reasons.length ? reasons : [{ id: false, name: _t("Pause") }];
        return [
            { key: "available", name: _t("Available"), state: "available", reasonId: false },
            ...pauses.map(({ id, name }) => ({
                key: `paused-${id}`,
                name,
                state: "paused",
                reasonId: id,
            })),
            { key: "offline", name: _t("Offline"), state: "offline", reasonId: false },
        ].map((choice) => ({
            ...choice,
            sign: SIGNS[choice.state],
            isChosen: choice.state === state && choice.reasonId === (reasonId || false),
        }));
    }

    choose({ state, reasonId }) {
        return state === "offline" ? this.goOffline() : this.agent.setState(state, reasonId);
    }

    /** Leave nobody alone: what is open is handed over first. */
    async goOffline(onOffline = () => {}) {
        const work = await this.agent.fetchOpenWork();
        if (!work) {
            return;
        }
        const finish = async () => {
            if (await this.agent.setState("offline")) {
                onOffline();
            }
        };
        if (work.conversations.length) {
            this.dialog.add(HandOverDialog, { work, onDone: finish });
        } else {
            await finish();
        }
    }

    logOut() {
        return this.goOffline(() => {
            browser.navigator.serviceWorker?.controller?.postMessage("user_logout");
            browser.location.href = "/web/session/logout";
        });
    }
}

/** The same in the bar above every page, for who attends a queue. */
export class AgentStateSystray extends Component {
    static template = "whatsapp_omni.AgentStateSystray";
    static components = { AgentState };
    static props = {};

    setup() {
        super.setup();
        this.store = useService("mail.store");
    }
}

registry
    .category("systray")
    .add("whatsapp_omni.AgentState", { Component: AgentStateSystray }, { sequence: 30 });
