import { fields, Record } from "@mail/core/common/record";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";

import { INVITATION_MODEL } from "@whatsapp_omni/core/constants";

/** A colleague asks us to join a conversation. The server deletes it when that is over. */
export class Invitation extends Record {
    static _name = INVITATION_MODEL;
    static id = "id";

    /** @type {number} */
    id;
    /** @type {number} */
    conversation_id;
    /** @type {string} */
    inviter_name;
    /** @type {string} */
    customer_name;
    /** @type {string|false} */
    queue_name;
    /** @type {string|false} what it is about */
    note;
    expires_at = fields.Datetime();
    isAnswering = false;
    desk = fields.One("WhatsappDesk", {
        compute() {
            return this.store.whatsappDesk;
        },
        inverse: "invitations",
        eager: true,
    });

    get title() {
        return _t("%(name)s asks you to join", { name: this.inviter_name });
    }

    get details() {
        return [this.customer_name, this.queue_name, this.note].filter(Boolean).join(" · ");
    }

    /** Ring: show it on whatever page we are, until it is answered or over. */
    ring() {
        const { notification } = this.store.env.services;
        this.stopRinging = notification.add(this.details, {
            title: this.title,
            type: "info",
            sticky: true,
            className: "o-whatsapp_omni-Invitation-toast",
            buttons: [
                { name: _t("Join"), primary: true, onClick: () => this.join() },
                { name: _t("Not now"), onClick: () => this.refuse() },
            ],
        });
        const left = this.expires_at ? this.expires_at.toMillis() - Date.now() : 0;
        if (left > 0) {
            this.timeout = browser.setTimeout(() => this.exists() && this.delete(), left);
        }
    }

    /** @override */
    delete() {
        this.stopRinging?.();
        browser.clearTimeout(this.timeout);
        return super.delete(...arguments);
    }

    async join() {
        const conversationId = await this._answer("action_join");
        if (conversationId) {
            await this.store.whatsappDesk.show(conversationId);
        }
    }

    refuse() {
        return this._answer("action_refuse");
    }

    /** @param {"action_join"|"action_refuse"} method */
    async _answer(method) {
        if (this.isAnswering) {
            return undefined;
        }
        this.isAnswering = true;
        const { store, id } = this;
        try {
            return await store.env.services.orm.silent.call(INVITATION_MODEL, method, [[id]]);
        } finally {
            // answered, or too late: either way it is over
            store[INVITATION_MODEL].get(id)?.delete();
        }
    }
}

Invitation.register();
