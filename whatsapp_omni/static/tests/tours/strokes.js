/**
 * Counts what a task takes, in clicks and keys, as the table of targets does: what is
 * typed to say or to find something is text, which takes none. "/" in an empty input is a
 * key that has to be known.
 */

const KEYS = ["Enter", "Tab", "Escape", "ArrowDown", "ArrowUp"];
const INPUTS = "input, textarea";

let strokes = 0;
let beganAt = 0;
let seenAfter = Infinity;
let sign = "";

function isText({ altKey, ctrlKey, key, target }) {
    const isTyped = target.matches?.(INPUTS) && !altKey && !ctrlKey;
    return isTyped && (key === "/" ? Boolean(target.value) : key.length === 1);
}

function onKeydown(ev) {
    if (ev.key.length === 1 ? !isText(ev) : KEYS.includes(ev.key)) {
        onStroke();
    }
}

/** A step clicks into an input before it types, also where the cursor is already. */
function onPointerdown({ target }) {
    if (!(target.matches?.(INPUTS) && target === document.activeElement)) {
        onStroke();
    }
}

function onStroke() {
    strokes++;
    if (strokes === 1) {
        beganAt = performance.now();
        lookForSign();
    }
}

/** Steps of a tour look at the page seldom; this looks at each picture of it. */
function lookForSign() {
    if (sign && document.querySelector(sign)) {
        seenAfter = performance.now() - beganAt;
    } else if (sign) {
        requestAnimationFrame(lookForSign);
    }
}

/** @param {string} [selector] of what is seen when the task is done, to take its time */
export function startCounting(selector = "") {
    strokes = 0;
    seenAfter = Infinity;
    sign = selector;
    window.addEventListener("pointerdown", onPointerdown, { capture: true });
    window.addEventListener("keydown", onKeydown, { capture: true });
}

/**
 * @param {number} number of strokes that were made
 * @param {number} [withinMs] the time that passed from the first to what was to be seen
 */
export function expectStrokes(number, withinMs) {
    window.removeEventListener("pointerdown", onPointerdown, { capture: true });
    window.removeEventListener("keydown", onKeydown, { capture: true });
    sign = "";
    if (strokes !== number) {
        throw new Error(`It took ${strokes} clicks and keys instead of ${number}`);
    }
    if (withinMs && seenAfter > withinMs) {
        throw new Error(`It took ${seenAfter} ms instead of ${withinMs}`);
    }
}
