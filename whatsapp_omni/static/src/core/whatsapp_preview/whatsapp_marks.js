import { markup } from "@odoo/owl";

/** Code and addresses: marks do not look into them. */
const ATOM = /```(?!`)([\s\S]+?)```|`([^`\n]+)`|(https?:\/\/[^\s<>"`]+)/gi;
/** A mark stands at the edge of a word and hugs what it marks, on one line. */
const MARK = /(?<![\p{L}\p{N}])([*_~])(?=\S)(?!\1)(.+?)(?<=\S)\1(?![\p{L}\p{N}])/u;

const join = (parts) => parts.reduce((all, part) => markup`${all}${part}`, markup``);

function wrap(mark, content) {
    switch (mark) {
        case "*":
            return markup`<strong>${content}</strong>`;
        case "_":
            return markup`<em>${content}</em>`;
    }
    return markup`<s>${content}</s>`;
}

function formatLine(line) {
    const found = MARK.exec(line);
    if (!found) {
        return markup`${line}`;
    }
    const [whole, mark, inner] = found;
    const before = line.slice(0, found.index);
    const after = line.slice(found.index + whole.length);
    return join([before, wrap(mark, formatLine(inner)), formatLine(after)]);
}

function formatPlain(text) {
    return text
        .split("\n")
        .map(formatLine)
        .reduce((all, line) => markup`${all}<br>${line}`);
}

function formatAtom([, block, code, url]) {
    if (url) {
        return markup`<span class="o-whatsapp_omni-WhatsappPreview-link">${url}</span>`;
    }
    return markup`<code>${block ?? code}</code>`;
}

/**
 * Format a text the way WhatsApp shows its marks. Everything of the text is escaped.
 *
 * @param {string} text
 * @returns {ReturnType<markup>}
 */
export function formatMarks(text) {
    const parts = [];
    let position = 0;
    for (const found of text.matchAll(ATOM)) {
        parts.push(formatPlain(text.slice(position, found.index)), formatAtom(found));
        position = found.index + found[0].length;
    }
    return join([...parts, formatPlain(text.slice(position))]);
}
