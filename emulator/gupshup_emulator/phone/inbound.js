// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// What the open phone sends.

import { call, toast } from "./dom.js";
import { store } from "./store.js";
import { quoted, setQuote } from "./writing.js";

let warned = false;

/** Let the open phone send something. */
export async function inbound(spec) {
    const phone = store.currentPhone;
    const who = phone.phone ? { phone: phone.phone } : { user_id: phone.user_id };
    const context =
        quoted && spec.type !== "reaction" && !spec.context ? { context: { key: quoted.key } } : {};
    const result = await call("POST", "/control/inbound", {
        app: store.app,
        ...who,
        ...context,
        ...spec,
    });
    if (!result) {
        return false;
    }
    if (context.context) {
        setQuote(null);
    }
    if (!result.callbacks && spec.type !== "reaction") {
        warnNobodyListens();
    }
    return true;
}

function warnNobodyListens() {
    if (warned) {
        return;
    }
    warned = true;
    toast("No program listens yet: this business number has no callback subscription.", "error");
}
