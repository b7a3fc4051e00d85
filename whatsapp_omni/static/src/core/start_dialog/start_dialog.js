import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

import {
    CONVERSATION_MODEL,
    CUSTOMER_MODEL,
    OPEN_CONVERSATION_ERROR,
} from "@whatsapp_omni/core/constants";
import { PersonPicker } from "@whatsapp_omni/core/start_dialog/person_picker";
import { TemplateDraft } from "@whatsapp_omni/core/template_editor/template_draft";
import { TemplateEditor } from "@whatsapp_omni/core/template_editor/template_editor";

/**
 * Write first: to somebody who is searched or created, or to those who were selected
 * somewhere, one conversation each.
 *
 * @typedef {Object} Person
 * @property {number|false} partner_id
 * @property {number|false} customer_id
 * @property {number|false} [country_id]
 * @property {string} name
 * @property {string} number
 * @property {string} detail
 * @property {boolean} [isNew] whether a contact is to be created
 * @property {Object} [origin] the record from which one writes, for addons that know it
 *
 * @typedef {Object} Props
 * @property {Person[]} [people] who was selected
 * @property {(conversationId: number) => void} onStarted called when one was started
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class StartDialog extends Component {
    static template = "whatsapp_omni.StartDialog";
    static components = { Dialog, PersonPicker, TemplateEditor };
    static props = ["people?", "onStarted", "close"];

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
        this.draft = useState(new TemplateDraft());
        this.draft.isForMany = this.isForMany;
        this.state = useState({
            options: { queues: [], countries: [] },
            queueId: undefined,
            lineId: undefined,
            person: this.props.people?.length === 1 ? this.props.people[0] : undefined,
            error: "",
            /** What to do about the error: an action of the server. */
            link: undefined,
            isSending: false,
            /** Whether values of who was chosen before are still on the screen. */
            isLoading: false,
            /** @type {{person: Person, conversationId?: number, reason?: string}[]} */
            results: [],
        });
        this.keepLast = new KeepLast();
        onWillStart(async () => {
            this.state.options = await this.orm.call(CONVERSATION_MODEL, "get_start_options");
            const [queue] = this.state.options.queues;
            if (queue) {
                await this.chooseQueue(queue.id);
            }
        });
    }

    get isForMany() {
        return this.props.people?.length > 1;
    }

    get title() {
        if (this.isForMany) {
            return _t("Write to %(count)s people on WhatsApp", { count: this.props.people.length });
        }
        return _t("New conversation");
    }

    get queue() {
        return this.state.options.queues.find(({ id }) => id === this.state.queueId);
    }

    get hasNobody() {
        return this.props.people?.length === 0;
    }

    get isDone() {
        return this.isForMany && this.state.results.length === this.props.people.length;
    }

    get sentCount() {
        return this.state.results.filter(({ conversationId }) => conversationId).length;
    }

    get summary() {
        const values = { sent: this.sentCount, count: this.state.results.length };
        return this.isDone
            ? _t("%(sent)s of %(count)s were sent.", values)
            : _t("%(done)s of %(count)s…", {
                  done: this.state.results.length,
                  count: this.props.people.length,
              });
    }

    outcomeText({ conversationId }) {
        return conversationId ? _t("Sent") : _t("Refused");
    }

    /** @returns {string|undefined} what keeps it from being sent */
    get problem() {
        if (!this.isForMany && !this.state.person) {
            return _t("Choose whom to write to.");
        }
        if (this.state.isLoading) {
            return _t("Loading…");
        }
        return this.draft.problem;
    }

    async chooseQueue(queueId) {
        this.state.queueId = queueId;
        await this.chooseLine(this.queue.lines[0].id);
    }

    async chooseLine(lineId) {
        this.state.lineId = lineId;
        await this.loadTemplates();
    }

    async choosePerson(person) {
        this.state.person = person;
        this.state.error = "";
        this.state.link = undefined;
        await this.loadTemplates();
    }

    /** Load what may be sent, with the values that fit the person. */
    async loadTemplates() {
        const { queueId, lineId, person } = this.state;
        this.state.isLoading = true;
        const templates = await this.keepLast.add(
            this.orm.call(CONVERSATION_MODEL, "get_start_templates", [queueId, lineId], {
                who: this.isForMany || !person ? false : this.whoIs(person),
            })
        );
        this.draft.offer(templates);
        this.state.isLoading = false;
    }

    searchPeople(term) {
        return this.orm.silent.call(CUSTOMER_MODEL, "search_people", [term, this.state.queueId]);
    }

    /** @param {Person} person */
    whoIs(person) {
        const who = this.identityOf(person);
        return person.origin ? { ...who, origin: person.origin } : who;
    }

    identityOf(person) {
        if (person.partner_id) {
            return { partner_id: person.partner_id };
        }
        if (person.customer_id) {
            return { customer_id: person.customer_id };
        }
        return {
            number: person.number,
            country_id: person.country_id || false,
            name: person.isNew ? person.name : "",
        };
    }

    start(person) {
        return this.orm.silent.call(CONVERSATION_MODEL, "action_start", [], {
            queue_id: this.state.queueId,
            template_id: this.draft.template.id,
            who: this.whoIs(person),
            params: this.draft.params,
            attachment_id: this.draft.file?.id ?? false,
        });
    }

    async send() {
        if (this.problem || this.state.isSending) {
            return;
        }
        this.state.isSending = true;
        try {
            await (this.isForMany ? this.sendToMany() : this.sendToOne());
        } finally {
            this.state.isSending = false;
        }
    }

    async sendToOne() {
        this.state.error = "";
        this.state.link = undefined;
        try {
            const conversationId = await this.start(this.state.person);
            this.props.close();
            this.props.onStarted(conversationId);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            Object.assign(this.state, this.explain(error));
        }
    }

    /** One after the other: what one is refused for keeps no other. */
    async sendToMany() {
        for (const person of this.props.people.slice(this.state.results.length)) {
            try {
                this.state.results.push({ person, conversationId: await this.start(person) });
            } catch (error) {
                if (!(error instanceof RPCError)) {
                    throw error;
                }
                this.state.results.push({ person, reason: this.explain(error).error });
            }
        }
    }

    /** @param {RPCError} error */
    explain(error) {
        const [message, link] = error.data?.arguments ?? [];
        const isOpen = error.exceptionName === OPEN_CONVERSATION_ERROR;
        return {
            error: isOpen ? message : (error.data?.message ?? error.message),
            link: isOpen ? link : undefined,
        };
    }

    async follow() {
        this.props.close();
        await this.action.doAction(this.state.link, { clearBreadcrumbs: true });
    }
}
