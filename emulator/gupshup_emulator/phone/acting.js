// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// Whose actions are shown: those of one message at most.

/** Show the actions of a message, or hide them if they are shown. */
export function showActions(line, focus = false) {
    const open = line.classList.contains("acting");
    closeActions();
    if (open) {
        return;
    }
    line.classList.add("acting");
    if (focus) {
        line.querySelector(".actions button").focus();
    }
}

/** Hide all actions. */
export function closeActions() {
    for (const line of document.querySelectorAll(".acting")) {
        line.classList.remove("acting");
    }
}
