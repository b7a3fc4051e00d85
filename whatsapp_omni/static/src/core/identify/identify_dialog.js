import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

import { CUSTOMER_MODEL } from "@whatsapp_omni/core/constants";
import { useOptionList } from "@whatsapp_omni/core/option_list_hook";
import { identify, showCreated } from "@whatsapp_omni/core/identify/identify";

const SEARCH_DELAY = 200;
const SEARCHED_LENGTH = 2;

/**
 * Say who a customer is: one of those proposed, another one, or somebody new.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class IdentifyDialog extends Component {
    static template = "whatsapp_omni.IdentifyDialog";
    static components = { Dialog };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        useAutofocus({ refName: "term" });
        this.onKeydown = useOptionList({
            options: () => this.listed,
            chosen: () => this.active,
            choose: (contact) => (this.state.activeIndex = this.listed.indexOf(contact)),
            confirm: () => this.active && this.choose(this.active.id),
        });
        this.state = useState({
            term: "",
            /** @type {Object[]} */
            proposed: [],
            /** @type {Object[]|undefined} */
            found: undefined,
            activeIndex: 0,
            options: undefined,
        });
        this.keepLast = new KeepLast();
        this.searchSoon = useDebounced(() => this.search(), SEARCH_DELAY);
        onWillStart(async () => {
            [this.state.proposed, this.state.options] = await Promise.all([
                this.call("get_candidates"),
                this.call("get_contact_options"),
            ]);
        });
    }

    call(method, ...args) {
        return this.orm.silent.call(CUSTOMER_MODEL, method, [
            [this.props.conversation.customer_id],
            ...args,
        ]);
    }

    get title() {
        return this.props.conversation.is_identified ? _t("Who is it really?") : _t("Who is it?");
    }

    /** @returns {Object[]} the contacts on the screen */
    get listed() {
        return this.state.found ?? this.state.proposed;
    }

    async search() {
        const term = this.state.term.trim();
        this.state.found =
            term.length < SEARCHED_LENGTH
                ? undefined
                : await this.keepLast.add(this.call("search_contacts", term));
        this.state.activeIndex = 0;
    }

    /** @returns {Object|undefined} the contact that Enter chooses */
    get active() {
        return this.listed[this.state.activeIndex];
    }

    /** @param {number|false} partnerId */
    async choose(partnerId) {
        await identify(this.props.conversation, partnerId);
        this.props.close();
    }

    create() {
        const { defaults, former, view_id } = this.state.options;
        const { conversation } = this.props;
        this.props.close();
        this.dialog.add(FormViewDialog, {
            resModel: "res.partner",
            title: _t("New contact"),
            viewId: view_id,
            context: defaults,
            canExpand: false,
            onRecordSaved: (record) => showCreated(conversation, record.resId, former),
        });
    }
}
