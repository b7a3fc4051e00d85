import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { SelectMenu } from "@web/core/select_menu/select_menu";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

const KEEP = "keep";
const QUEUE = "queue";

/**
 * Ask an agent who leaves what becomes of each open conversation. Nothing is done
 * before all of it is confirmed.
 *
 * @typedef {Object} Props
 * @property {{conversations: Object[], targets: Object[]}} work as the server tells it
 * @property {() => Promise<void>} onDone called when nothing is left to be decided
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class HandOverDialog extends Component {
    static template = "whatsapp_omni.HandOverDialog";
    static components = { Dialog, SelectMenu };
    static props = ["work", "onDone", "close"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.ui = useService("ui");
        const { conversations } = this.props.work;
        this.state = useState({
            conversations,
            /** By conversation: "keep", "queue" (its own), "queue-8" or "user-51". */
            choices: Object.fromEntries(conversations.map(({ id }) => [id, KEEP])),
            /** By conversation: why it could not be done. */
            errors: {},
            error: "",
            isBusy: false,
        });
    }

    get title() {
        const { length } = this.state.conversations;
        return length === 1
            ? _t("You have one open conversation")
            : _t("You have %(count)s open conversations", { count: length });
    }

    /**
     * What may become of these conversations: only what is possible for all of them.
     *
     * @param {Object[]} conversations
     */
    choicesFor(conversations) {
        const canReturn = conversations.every(({ queue_id }) => queue_id);
        const targets = this.targetsOf(conversations);
        return [
            { value: KEEP, label: _t("Keep it") },
            ...(canReturn ? [{ value: QUEUE, label: _t("Back to the queue") }] : []),
            ...(targets ? this.users(targets, conversations) : []),
            ...(targets ? this.queues(targets, conversations) : []),
        ];
    }

    /** Agents and queues for these conversations; none where companies differ. */
    targetsOf(conversations) {
        const [{ company_id }] = conversations;
        return conversations.every((other) => other.company_id === company_id)
            ? this.props.work.targets.find((targets) => targets.company_id === company_id)
            : undefined;
    }

    /** Who is there stands first, then who works for these queues, then who has least. */
    users({ users }, conversations) {
        const rank = ({ state, queue_ids, load }) => [
            Number(state !== "available"),
            Number(!conversations.every(({ queue_id }) => queue_ids.includes(queue_id))),
            load,
        ];
        const byRank = (first, second) => {
            const [ours, theirs] = [rank(first), rank(second)];
            const at = ours.findIndex((value, index) => value !== theirs[index]);
            return at < 0 ? 0 : ours[at] - theirs[at];
        };
        return [...users]
            .sort(byRank)
            .map((user) => ({ value: `user-${user.id}`, label: this.userText(user) }));
    }

    queues({ queues }, conversations) {
        return queues
            .filter(({ id }) => conversations.every(({ queue_id }) => queue_id !== id))
            .map(({ id, name, available, waiting }) => ({
                value: `queue-${id}`,
                label: _t("To the queue %(name)s (%(available)s available, %(waiting)s waiting)", {
                    name,
                    available,
                    waiting,
                }),
            }));
    }

    userText({ name, state, load, capacity }) {
        const states = {
            available: _t("available"),
            paused: _t("paused"),
            rona: _t("did not answer"),
            offline: _t("offline"),
        };
        return capacity
            ? _t("To %(name)s (%(state)s, %(load)s/%(capacity)s)", {
                  name,
                  state: states[state],
                  load,
                  capacity,
              })
            : _t("To %(name)s (%(state)s, %(load)s)", { name, state: states[state], load });
    }

    /** @returns {string|undefined} what is chosen for all, if it is the same */
    get commonChoice() {
        const values = new Set(Object.values(this.state.choices));
        return values.size === 1 ? [...values][0] : undefined;
    }

    choose(conversation, value) {
        this.state.choices[conversation.id] = value;
        delete this.state.errors[conversation.id];
    }

    chooseForAll(value) {
        for (const conversation of this.state.conversations) {
            this.choose(conversation, value);
        }
    }

    get confirmText() {
        return this.commonChoice === KEEP
            ? _t("Keep all and go offline")
            : _t("Hand over and go offline");
    }

    async confirm() {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        this.state.error = "";
        try {
            const failed = await this.store.whatsappAgent.handOver(this.toChoices());
            await this.settle(failed);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.error = error.data?.message ?? error.message;
        } finally {
            this.state.isBusy = false;
        }
    }

    toChoices() {
        return this.state.conversations.map((conversation) => {
            const [choice, target] = this.state.choices[conversation.id].split("-");
            return {
                conversation_id: conversation.id,
                choice,
                ...(target && { [`${choice}_id`]: Number(target) }),
            };
        });
    }

    /** What was done leaves the list; what was not, is to be decided again. */
    async settle(failed) {
        if (!failed.length) {
            await this.props.onDone();
            this.props.close();
            return;
        }
        this.state.errors = Object.fromEntries(
            failed.map(({ conversation_id, error }) => [conversation_id, error])
        );
        this.state.conversations = this.state.conversations.filter(
            ({ id }) => this.state.errors[id] || this.state.choices[id] === KEEP
        );
        this.state.choices = Object.fromEntries(
            this.state.conversations.map(({ id }) => [id, KEEP])
        );
    }
}
