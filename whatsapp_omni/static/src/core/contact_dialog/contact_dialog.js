import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { useOptionList } from "@whatsapp_omni/core/option_list_hook";
import { useSending } from "@whatsapp_omni/core/sending_hook";
import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

const FIELDS = ["name", "display_name", "phone", "email", "parent_id", "is_company"];
const REACHABLE = ["|", ["phone", "!=", false], ["email", "!=", false]];
const CONTACTS_LIMIT = 8;

/**
 * Send a contact's card. The agent sees beforehand what it tells, and may leave out the
 * number or the address.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class ContactDialog extends Component {
    static template = "whatsapp_omni.ContactDialog";
    static components = { Dialog, WhatsappPreview };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.sending = useSending();
        this.keepLast = new KeepLast();
        this.searchLater = useDebounced(() => this.search(), 250);
        useAutofocus({ refName: "search" });
        this.onKeydown = useOptionList({
            options: () => this.state.contacts,
            chosen: () => this.selected,
            choose: (contact) => this.select(contact),
            confirm: () => this.send(),
        });
        this.state = useState({
            term: "",
            /** @type {Object[]} */
            contacts: [],
            /** @type {number|undefined} */
            selectedId: undefined,
            hasPhone: true,
            hasEmail: true,
        });
        onWillStart(() => this.search());
    }

    get title() {
        return _t("Send a contact to %(name)s", { name: this.props.conversation.name });
    }

    async search() {
        const term = this.state.term.trim();
        const contacts = await this.keepLast.add(
            this.orm.searchRead(
                "res.partner",
                term ? [...REACHABLE, ["display_name", "ilike", term]] : REACHABLE,
                FIELDS,
                { limit: CONTACTS_LIMIT }
            )
        );
        this.state.contacts = contacts;
    }

    get selected() {
        return this.state.contacts.find(({ id }) => id === this.state.selectedId);
    }

    get card() {
        const { email, is_company: isCompany, name, parent_id: parent, phone } = this.selected;
        return {
            name,
            company: isCompany ? "" : (parent?.[1] ?? ""),
            phones: phone && this.state.hasPhone ? [phone] : [],
            emails: email && this.state.hasEmail ? [email] : [],
        };
    }

    detail({ email, phone }) {
        return [phone, email].filter(Boolean).join(" · ");
    }

    optionId(contact) {
        return `o-whatsapp_omni-contact-${contact.id}`;
    }

    select(contact) {
        Object.assign(this.state, { selectedId: contact.id, hasPhone: true, hasEmail: true });
    }

    /** @returns {string|undefined} what keeps it from being sent */
    get problem() {
        if (!this.selected) {
            return _t("Choose a contact.");
        }
        const { emails, phones } = this.card;
        return phones.length || emails.length
            ? undefined
            : _t("A card needs a number or an address.");
    }

    async send() {
        if (this.problem) {
            return;
        }
        await this.sending.run(async () => {
            await this.props.conversation.sendBuilt("contact", this.card);
            this.props.close();
        });
    }
}
