// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// What the panel shows: drawn anew with each change, and nobody loses a place in it.

import { h } from "./dom.js";

export const body = h("div", { class: "panel-body", role: "tabpanel", tabindex: "0" });
let build = () => [];
let planned = false;

/** Show from now on what `builder` makes. */
export function fill(builder) {
    build = builder;
    render();
    body.scrollTop = 0;
}

/** Draw it anew before the next picture, once for all changes until then. */
export function plan() {
    if (planned) {
        return;
    }
    planned = true;
    requestAnimationFrame(() => {
        planned = false;
        render();
    });
}

function render() {
    // Someone who types in a field of the panel keeps it.
    const focused = document.activeElement;
    if (body.contains(focused) && focused.matches("input:not([type=checkbox]), select")) {
        return;
    }
    const mark = focused?.dataset?.mark;
    const scroll = [...body.querySelectorAll("[data-scroll]")].map((part) => [
        part.dataset.scroll,
        part.scrollTop,
    ]);
    const top = body.scrollTop;
    body.replaceChildren(...build());
    body.scrollTop = top;
    for (const [name, value] of scroll) {
        const part = body.querySelector(`[data-scroll="${name}"]`);
        if (part) {
            part.scrollTop = value;
        }
    }
    if (mark) {
        body.querySelector(`[data-mark="${CSS.escape(mark)}"]`)?.focus();
    }
}
