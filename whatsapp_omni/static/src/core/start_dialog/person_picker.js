import { Component, useState } from "@odoo/owl";

import { RPCError } from "@web/core/network/rpc";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { CUSTOMER_MODEL } from "@whatsapp_omni/core/constants";
import { onlyDigits } from "@whatsapp_omni/core/formatting";
import { useOptionList } from "@whatsapp_omni/core/option_list_hook";

const SEARCH_DELAY = 200;
const SEARCHED_LENGTH = 2;

/**
 * Choose to whom one writes: by a name or any spelling of a number, or a new number.
 *
 * @typedef {Object} Props
 * @property {import("@whatsapp_omni/core/start_dialog/start_dialog").Person} [person]
 * @property {{id: number, name: string, phone_code: number}[]} countries
 * @property {number|false} countryId that completes a number without prefix
 * @property {boolean} canCreateContact
 * @property {(term: string) => Promise<Object[]>} search
 * @property {(person?: Object) => void} onChange
 * @extends {Component<Props, Env>}
 */
export class PersonPicker extends Component {
    static template = "whatsapp_omni.PersonPicker";
    static props = ["person?", "countries", "countryId", "canCreateContact", "search", "onChange"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        useAutofocus({ refName: "term" });
        this.state = useState({
            term: "",
            found: undefined,
            activeIndex: 0,
            /** @type {{number: string, countryId: number|false, name: string, error: string}|undefined} */
            created: undefined,
        });
        this.onKeydown = useOptionList({
            options: () => this.options,
            chosen: () => this.options[this.state.activeIndex],
            choose: ({ key }) => (this.state.activeIndex = key),
            confirm: () => this.onEnter(),
        });
        this.keepLast = new KeepLast();
        this.searchSoon = useDebounced(() => this.search(), SEARCH_DELAY);
    }

    async search() {
        const term = this.state.term.trim();
        if (term.length < SEARCHED_LENGTH) {
            this.state.found = undefined;
            return;
        }
        this.state.found = await this.keepLast.add(this.props.search(term));
        this.state.activeIndex = 0;
    }

    /** What is found, and last of all the row that creates somebody. */
    get options() {
        const { found } = this.state;
        return found ? [...found, undefined].map((person, key) => ({ key, person })) : [];
    }

    onEnter() {
        const option = this.options[this.state.activeIndex];
        if (option?.person) {
            this.choose(option.person);
        } else if (option) {
            this.create();
        }
    }

    /** Whether the number says its country itself. */
    get hasPrefix() {
        return this.state.created.number.trim().startsWith("+");
    }

    choose(person) {
        Object.assign(this.state, { term: "", found: undefined, created: undefined });
        this.props.onChange(person);
    }

    /** Begin to create one from what was looked for. */
    create() {
        const term = this.state.term.trim();
        const isNumber = onlyDigits(term).length > term.length / 2;
        this.state.created = {
            number: isNumber ? term : "",
            name: isNumber ? "" : term,
            countryId: this.props.countryId,
            error: "",
        };
        this.state.found = undefined;
    }

    async useNumber() {
        const { created } = this.state;
        try {
            const number = await this.orm.silent.call(CUSTOMER_MODEL, "check_number", [], {
                number: created.number,
                country_id: created.countryId,
            });
            const name = created.name.trim();
            this.choose({
                partner_id: false,
                customer_id: false,
                country_id: created.countryId,
                name: name || number,
                number,
                detail: "",
                isNew: Boolean(name),
            });
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            created.error = error.data?.message ?? error.message;
        }
    }

    onCountryChange(ev) {
        this.state.created.countryId = Number(ev.target.value);
    }

    onCreateKeydown(ev) {
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            this.useNumber();
        }
    }
}
