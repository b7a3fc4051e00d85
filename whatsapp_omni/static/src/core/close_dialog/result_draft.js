import { cleanTerm } from "@mail/utils/common/format";

/**
 * @typedef {Object} Disposition
 * @property {number} id
 * @property {string} name
 * @property {string|false} option the name of what it is a sub-option of
 * @property {number} option_id
 * @property {"normal"|"spam"|"wrong_number"} kind
 * @property {boolean} note_required
 * @property {{id: number, name: string, kind: "text"|"number"|"date"|"choice", required: boolean, choices: string[]}[]} fields
 */

/** How a conversation ended, as far as an agent has said it. */
export class ResultDraft {
    /** @type {Disposition[]} */
    dispositions = [];
    chosenId = undefined;
    term = "";
    note = "";
    /** What was filled in, by id of the field. It outlives a change of the choice. */
    values = {};

    /** @param {{dispositions: Disposition[], result?: Object|false}} closing */
    load({ dispositions, result }) {
        this.dispositions = dispositions;
        if (result) {
            this.chosenId = result.disposition_id || undefined;
            this.note = result.note || "";
            this.values = Object.fromEntries(
                result.values.map(({ field_id, value }) => [field_id, value])
            );
        }
    }

    get listed() {
        const term = cleanTerm(this.term.trim());
        return this.dispositions.filter(({ name, option }) =>
            cleanTerm(`${option || ""} ${name}`).includes(term)
        );
    }

    /** @returns {Disposition|undefined} */
    get chosen() {
        return this.listed.find(({ id }) => id === this.chosenId);
    }

    get fields() {
        return this.chosen?.fields ?? [];
    }

    /** @param {Disposition} [disposition] */
    choose(disposition) {
        this.chosenId = disposition?.id;
    }

    /** @param {string} term the first of what is found is chosen: Enter takes it */
    search(term) {
        this.term = term;
        if (term.trim() && !this.chosen) {
            this.choose(this.listed[0]);
        }
    }

    /** @returns {"disposition"|"note"|number|undefined} what is missing first, a field's id */
    get missing() {
        if (!this.chosen) {
            return this.dispositions.length ? "disposition" : undefined;
        }
        const field = this.fields.find(({ id, required }) => required && !this.valueOf(id));
        if (field) {
            return field.id;
        }
        return this.chosen.note_required && !this.note.trim() ? "note" : undefined;
    }

    valueOf(fieldId) {
        return String(this.values[fieldId] ?? "").trim();
    }

    /** What the server is told. */
    get result() {
        return {
            disposition_id: this.chosen?.id ?? false,
            note: this.note.trim(),
            values: Object.fromEntries(
                this.fields
                    .map(({ id }) => [id, this.valueOf(id)])
                    .filter(([, value]) => value !== "")
            ),
        };
    }
}
