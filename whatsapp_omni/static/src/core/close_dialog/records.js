import { Component, onWillStart, useState } from "@odoo/owl";

import { deserializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";

import { CorrectDialog } from "@whatsapp_omni/core/close_dialog/correct_dialog";
import { formatMoment } from "@whatsapp_omni/core/formatting";

const PAGE = 10;

/**
 * How the contact's other conversations ended, on every line.
 *
 * @typedef {Object} Props
 * @property {number} conversationId
 * @extends {Component<Props, Env>}
 */
export class Records extends Component {
    static template = "whatsapp_omni.Records";
    static props = ["conversationId"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.dialog = useService("dialog");
        this.state = useState({ offset: 0, total: 0, records: [], hasFailed: false });
        onWillStart(() => this.load(0));
    }

    get hasPages() {
        return this.state.total > PAGE;
    }

    get lastShown() {
        return this.state.offset + this.state.records.length;
    }

    async load(offset) {
        try {
            const { total, records } = await this.store.whatsappDesk.fetchRecords(
                this.props.conversationId,
                offset,
                PAGE
            );
            Object.assign(this.state, { offset, total, records, hasFailed: false });
        } catch {
            this.state.hasFailed = true;
        }
    }

    turn(direction) {
        return this.load(Math.max(0, this.state.offset + direction * PAGE));
    }

    moment(date) {
        return date ? formatMoment(deserializeDateTime(date)) : "";
    }

    /** Where, by which number: what tells one from another. */
    place({ line, queue, number }) {
        return [queue, line, number].filter(Boolean).join(" · ");
    }

    valuesText(values) {
        return values.map(({ name, text }) => `${name}: ${text}`).join(" · ");
    }

    correct(record) {
        this.dialog.add(CorrectDialog, {
            conversationId: record.id,
            onSaved: () => this.load(this.state.offset),
        });
    }
}
