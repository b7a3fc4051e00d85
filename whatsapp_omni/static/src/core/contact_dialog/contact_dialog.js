import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";

import { useContactSearch } from "@whatsapp_omni/core/contact_search_hook";
import { useOptionList } from "@whatsapp_omni/core/option_list_hook";
import { useSending } from "@whatsapp_omni/core/sending_hook";
import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

/** The phone as it is shown to the agent, perhaps hidden; the server knows the real one. */
const PHONE = "whatsapp_omni_phone";
const FIELDS = ["name", "display_name", PHONE, "email", "parent_id", "is_company"];
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
        this.sending = useSending();
        this.search = useContactSearch(REACHABLE, FIELDS, CONTACTS_LIMIT);
        useAutofocus({ refName: "search" });
        this.onKeydown = useOptionList({
            options: () => this.search.contacts,
            chosen: () => this.selected,
            choose: (contact) => this.select(contact),
            confirm: () => this.send(),
        });
        this.state = useState({
            /** @type {number|undefined} */
            selectedId: undefined,
            hasPhone: true,
            hasEmail: true,
        });
    }

    get title() {
        return _t("Send a contact to %(name)s", { name: this.props.conversation.name });
    }

    get selected() {
        return this.search.contacts.find(({ id }) => id === this.state.selectedId);
    }

    get card() {
        const { email, is_company: isCompany, name, parent_id: parent } = this.selected;
        const phone = this.selected[PHONE];
        return {
            name,
            company: isCompany ? "" : (parent?.[1] ?? ""),
            phones: phone && this.state.hasPhone ? [phone] : [],
            emails: email && this.state.hasEmail ? [email] : [],
        };
    }

    detail({ email, [PHONE]: phone }) {
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
            const card = { ...this.card, partner_id: this.selected.id };
            await this.props.conversation.sendBuilt("contact", card);
            this.props.close();
        });
    }
}
