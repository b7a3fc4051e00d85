const PLACEHOLDER = /\{\{\s*(\w+(?:\.\w+)*)\s*(?:\|([^{}]*))?\}\}/g;

/**
 * Fill a text with sample values. The server does it with real ones.
 *
 * @param {string|false} text
 * @param {{name: string, sample: string}[]} placeholders
 */
export function fillSamples(text, placeholders = []) {
    const samples = new Map(placeholders.map(({ name, sample }) => [name, sample]));
    return (text || "").replace(PLACEHOLDER, (whole, name) => samples.get(name) ?? whole);
}
