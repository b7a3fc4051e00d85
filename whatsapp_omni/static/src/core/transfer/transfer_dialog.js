import { Component, onWillStart, useState } from "@odoo/owl";

import { cleanTerm } from "@mail/utils/common/format";

import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { useOptionList } from "@whatsapp_omni/core/option_list_hook";
import { useSending } from "@whatsapp_omni/core/sending_hook";
import { takeBack } from "@whatsapp_omni/core/transfer/conversation_transfer_patch";

const KIND_LS = "whatsapp_omni.transfer_kind";
const KINDS = ["immediate", "exclusive"];
const DOTS = { available: "text-success", paused: "text-warning", rona: "text-danger" };

/**
 * Choose to whom a conversation goes: one search over agents and queues.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class TransferDialog extends Component {
    static template = "whatsapp_omni.TransferDialog";
    static components = { Dialog };
    static props = ["conversation", "close"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.notification = useService("notification");
        this.sending = useSending();
        useAutofocus({ refName: "search" });
        const kind = browser.localStorage.getItem(KIND_LS);
        this.state = useState({
            agents: [],
            queues: [],
            term: "",
            chosenKey: undefined,
            kind: KINDS.includes(kind) ? kind : "immediate",
            note: "",
        });
        onWillStart(async () => {
            Object.assign(this.state, await this.props.conversation.fetchTransferTargets());
        });
        this.onKeydown = useOptionList({
            options: () => this.listed,
            chosen: () => this.chosen,
            choose: (option) => this.choose(option),
            confirm: () => this.onEnter(),
        });
    }

    get title() {
        return _t("Transfer %(name)s", { name: this.props.conversation.name });
    }

    /** What is found, by sort, in the order of the screen. */
    get groups() {
        const term = cleanTerm(this.state.term);
        const matches = ({ name }) => cleanTerm(name).includes(term);
        return [
            {
                title: _t("Agents"),
                options: this.state.agents.filter(matches).map((agent) => ({
                    ...agent,
                    key: `agent-${agent.id}`,
                    isAgent: true,
                    isFree: agent.state === "available",
                    detail: this.agentDetail(agent),
                })),
            },
            {
                title: _t("Queues"),
                options: this.state.queues.filter(matches).map((queue) => ({
                    ...queue,
                    key: `queue-${queue.id}`,
                    isFree: queue.available > 0,
                    detail: this.queueDetail(queue),
                })),
            },
        ].filter(({ options }) => options.length);
    }

    get listed() {
        return this.groups.flatMap(({ options }) => options);
    }

    get chosen() {
        return this.listed.find(({ key }) => key === this.state.chosenKey);
    }

    /** It rings at nobody who is not there. */
    get isImmediateImpossible() {
        return Boolean(this.chosen?.isAgent) && !this.chosen.isFree;
    }

    get kind() {
        return this.isImmediateImpossible ? "exclusive" : this.state.kind;
    }

    get kinds() {
        return [
            { id: "immediate", name: _t("Immediate"), isDisabled: this.isImmediateImpossible },
            { id: "exclusive", name: _t("Exclusive"), isDisabled: false },
        ];
    }

    get explanation() {
        const { chosen } = this;
        if (!chosen) {
            return this.kind === "immediate"
                ? _t("An agent is asked at once; what nobody accepts is for the queue.")
                : _t("It waits for this agent or queue, and comes back if refused.");
        }
        const { name } = chosen;
        if (!chosen.isAgent) {
            return this.kind === "immediate"
                ? _t("It moves to %(name)s, whose agents may take it.", { name })
                : _t("It waits in %(name)s, which may send it back to you.", { name });
        }
        if (this.isImmediateImpossible) {
            return _t("%(name)s is not available: it waits for them, and for nobody else.", {
                name,
            });
        }
        return this.kind === "immediate"
            ? _t("%(name)s is asked now. If not accepted in time, it is for the queue.", { name })
            : _t("It waits for %(name)s alone, and comes back to you if refused.", { name });
    }

    /** A conference is its agent's, and ends with them. */
    get conferenceText() {
        const { otherGuestNames: guests } = this.props.conversation;
        return guests && _t("The conference ends: %(guests)s will leave.", { guests });
    }

    get confirmText() {
        return this.chosen
            ? _t("Transfer to %(name)s", { name: this.chosen.name })
            : _t("Transfer");
    }

    agentDetail({ state, load }) {
        const stateText = {
            available: _t("Available"),
            paused: _t("Not available: paused"),
            rona: _t("Not available: did not answer"),
            offline: _t("Not available: offline"),
        }[state];
        const loadText =
            load === 1 ? _t("1 conversation") : _t("%(count)s conversations", { count: load });
        return `${stateText} · ${loadText}`;
    }

    queueDetail({ available, agents, waiting }) {
        const free = _t("%(available)s of %(agents)s agents available", { available, agents });
        const queue = _t("%(count)s waiting", { count: waiting });
        return waiting ? `${free} · ${queue}` : free;
    }

    dot(option) {
        if (!option.isAgent) {
            return option.isFree ? "text-success" : "text-muted";
        }
        return DOTS[option.state] ?? "text-muted";
    }

    optionId(option) {
        return `o-whatsapp_omni-transfer-${option.key}`;
    }

    choose(option) {
        this.state.chosenKey = option.key;
        this.sending.error = "";
    }

    chooseKind(kind) {
        this.state.kind = kind;
        browser.localStorage.setItem(KIND_LS, kind);
    }

    /** What was looked for is chosen first, and gone to by the next Enter. */
    onEnter() {
        if (!this.chosen && this.state.term.trim() && this.listed.length) {
            this.choose(this.listed[0]);
        } else {
            this.confirm();
        }
    }

    onNoteKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            this.confirm();
        }
    }

    async confirm() {
        const { chosen, kind } = this;
        if (!chosen) {
            return;
        }
        const { conversation } = this.props;
        const { id: conversationId } = conversation;
        await this.sending.run(async () => {
            const transferId = await this.store.whatsappDesk.transfer(conversation, {
                [chosen.isAgent ? "user_id" : "queue_id"]: chosen.id,
                kind,
                note: this.state.note.trim(),
            });
            this.props.close();
            this.notify(chosen.name, transferId, conversationId);
        });
    }

    notify(name, transferId, conversationId) {
        const { store } = this;
        let isUndone = false;
        const remove = this.notification.add(_t("Transferred to %(name)s.", { name }), {
            type: "success",
            buttons: [
                {
                    name: _t("Undo"),
                    onClick: () => {
                        if (isUndone) {
                            return; // a double click
                        }
                        isUndone = true;
                        remove();
                        return takeBack(store, transferId, conversationId);
                    },
                },
            ],
        });
    }
}
