import { cleanTerm } from "@mail/utils/common/format";

import { _t } from "@web/core/l10n/translation";

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g;
const MEDIA = ["image", "video", "document"];

/**
 * @typedef {Object} Parameter
 * @property {"header"|"body"|"button"} place
 * @property {string} name
 * @property {string} label
 * @property {string} source where its value comes from, "text" when from nowhere
 * @property {string} sample
 * @property {string} value what is proposed
 *
 * @typedef {Object} Template as the server describes it
 * @property {number} id
 * @property {string} name
 * @property {string} language
 * @property {string} category
 * @property {string|false} header_kind
 * @property {string} header
 * @property {string} body
 * @property {string} footer
 * @property {{kind: string, text: string}[]} buttons
 * @property {Parameter[]} parameters
 * @property {{id: number|false, name: string, url: string}|false} file
 */

/** A template that is being chosen and filled in. */
export class TemplateDraft {
    /** @type {Template[]} */
    templates = [];
    isLoaded = false;
    term = "";
    /** @type {Template|undefined} */
    template = undefined;
    /** @type {string[]} one for each parameter */
    values = [];
    /** @type {{id: number, name: string, mimetype: string}|undefined} instead of its own */
    file = undefined;
    /** Whether it goes to several people: what is left empty comes from each of them. */
    isForMany = false;

    /**
     * @param {Template[]} templates those of before with other proposals, when somebody
     * else is written to: what was typed or uploaded for the chosen one stays
     */
    offer(templates) {
        this.templates = templates;
        this.isLoaded = true;
        const { file, template, typed } = this;
        const same = templates.find(({ id }) => id === template?.id);
        this.choose(same ?? (templates.length === 1 ? templates[0] : undefined));
        if (same) {
            this.file = file;
            this.values = this.values.map((value, index) => typed[index] || value);
        }
    }

    /** @returns {string[]} what comes from nowhere else, "" for the others */
    get typed() {
        return (this.template?.parameters ?? []).map(({ source }, index) =>
            source === "text" ? this.values[index] : ""
        );
    }

    /** @param {Template} [template] */
    choose(template) {
        this.template = template;
        this.file = undefined;
        this.values = (template?.parameters ?? []).map((parameter) =>
            this.isOptional(parameter) ? "" : parameter.value
        );
    }

    get listed() {
        return this.search(this.term);
    }

    /** @param {string} searched in names and texts */
    search(searched) {
        const term = cleanTerm(searched);
        return this.templates.filter(({ name, body }) =>
            [name, name.replaceAll("_", " "), body].some((text) => cleanTerm(text).includes(term))
        );
    }

    /** @param {Parameter} parameter */
    isOptional(parameter) {
        return this.isForMany && parameter.source !== "text";
    }

    get needsFile() {
        return MEDIA.includes(this.template?.header_kind);
    }

    /** @returns {string|undefined} what keeps it from being sent */
    get problem() {
        if (!this.template) {
            return _t("Choose a template.");
        }
        const missing = this.template.parameters.find(
            (parameter, index) => !this.values[index].trim() && !this.isOptional(parameter)
        );
        if (missing) {
            return _t("Fill in “%(label)s”.", { label: missing.label });
        }
        if (this.needsFile && !this.file && !this.template.file) {
            return _t("Choose the file that goes above the text.");
        }
        return undefined;
    }

    /** @returns {(string|false)[]} as the server takes them */
    get params() {
        return this.values.map((value) => value.trim() || false);
    }

    /**
     * @param {"header"|"body"} place
     * @returns {string} the text with the values that are there
     */
    filled(place) {
        return this.template[place].replaceAll(VARIABLE, (variable, name) => {
            const index = this.template.parameters.findIndex(
                (parameter) => parameter.place === place && parameter.name === name
            );
            return this.values[index]?.trim() || variable;
        });
    }
}
