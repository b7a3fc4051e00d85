import { Component, markup, onWillUnmount, useState } from "@odoo/owl";

import { fields } from "@mail/core/common/record";
import { Message } from "@mail/core/common/message";
import { Message as MessageModel } from "@mail/core/common/message_model";
import { Store } from "@mail/core/common/store_service";

import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";

/** What the server hides, by its names. */
const KINDS = {
    card: _t("Card number"),
    iban: _t("Bank account"),
    identity: _t("Identity number"),
    email: _t("E-mail address"),
    phone: _t("Phone number"),
};

/** @param {string} kind */
function explain(kind) {
    return _t("Hidden: %(kind)s", { kind: KINDS[kind] ?? kind });
}

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether this user may reveal what messages hide. */
        this.whatsapp_omni_can_reveal = false;
    },
});

patch(MessageModel.prototype, {
    setup() {
        super.setup(...arguments);
        /** Kinds of what the text and the names of files hide, with commas between. */
        this.whatsapp_omni_hidden = fields.Attr(false);
        /** What is shown instead of it while the text is revealed. */
        this.whatsappMasked = fields.Attr(false);
    },
    get whatsappHiddenKinds() {
        return (this.whatsapp_omni_hidden || "").split(",").filter(Boolean);
    },
    /** Show what was written, in this view only. The server notes who saw it. */
    async revealWhatsapp() {
        const plain = await this.store.env.services.orm.silent.call(
            "mail.message",
            "action_whatsapp_omni_reveal",
            [[this.id]]
        );
        const names = new Map(plain.files.map(({ id, name }) => [id, name]));
        const files = this.attachment_ids.filter(({ id }) => names.has(id));
        this.whatsappMasked = {
            body: this.body,
            names: files.map(({ id, name }) => [id, name]),
        };
        this.body = markup(plain.body);
        for (const file of files) {
            file.name = names.get(file.id);
        }
    },
    hideWhatsapp() {
        const masked = this.whatsappMasked;
        if (!masked) {
            return;
        }
        this.whatsappMasked = false;
        this.body = masked.body;
        const names = new Map(masked.names);
        for (const file of this.attachment_ids) {
            file.name = names.get(file.id) ?? file.name;
        }
    },
});

/**
 * Tells what a message hides, and reveals it for those who may.
 *
 * @typedef {Object} Props
 * @property {import("models").Message} message
 * @extends {Component<Props, Env>}
 */
export class HiddenData extends Component {
    static template = "whatsapp_omni.HiddenData";
    static props = ["message"];

    setup() {
        super.setup();
        this.notification = useService("notification");
        this.state = useState({ isAsking: false });
        // Whoever comes back to the page asks again.
        onWillUnmount(() => this.props.message.hideWhatsapp());
    }

    get label() {
        const kinds = this.props.message.whatsappHiddenKinds.map((kind) => KINDS[kind] ?? kind);
        return _t("Hidden: %(kind)s", { kind: kinds.join(", ") });
    }

    get isRevealed() {
        return Boolean(this.props.message.whatsappMasked);
    }

    hide() {
        this.props.message.hideWhatsapp();
    }

    async reveal() {
        this.state.isAsking = true;
        try {
            await this.props.message.revealWhatsapp();
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.notification.add(error.data?.message ?? error.message, { type: "warning" });
        } finally {
            this.state.isAsking = false;
        }
    }
}

Object.assign(Message.components, { HiddenData });

patch(Message.prototype, {
    /** @override Masks tell what they hide. */
    prepareMessageBody(bodyEl) {
        super.prepareMessageBody(...arguments);
        for (const mask of bodyEl?.querySelectorAll(".o-whatsapp_omni-masked") ?? []) {
            const kind = Object.keys(KINDS).find((name) => mask.classList.contains(`o-${name}`));
            mask.title = explain(kind);
        }
    },
});
