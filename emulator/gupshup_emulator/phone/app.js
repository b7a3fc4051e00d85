// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// Starts the parts of the page and switches between them on small screens.

import * as chat from "./chat.js";
import { h, icon } from "./dom.js";
import * as panel from "./panel.js";
import * as phones from "./phones.js";
import { store } from "./store.js";

const VIEWS = [
    ["phones", "Phones", "phone"],
    ["chat", "Chat", "chat"],
    ["panel", "Controls", "tools"],
];

function startViews() {
    const nav = document.getElementById("views");
    const buttons = VIEWS.map(([name, label, picture]) => {
        const choose = () => (document.body.dataset.view = name);
        return h(
            "button",
            { type: "button", "data-view": name, onclick: choose },
            icon(picture),
            label
        );
    });
    nav.append(...buttons);
    const mark = () => {
        for (const button of buttons) {
            const current = button.dataset.view === document.body.dataset.view;
            button.setAttribute("aria-current", current ? "page" : "false");
        }
        store.tellOpenChat();
    };
    new MutationObserver(mark).observe(document.body, { attributeFilter: ["data-view"] });
    mark();
}

startViews();
phones.start();
chat.start();
panel.start();
store.connect();
