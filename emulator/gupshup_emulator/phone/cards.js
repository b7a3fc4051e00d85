// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// Places and people that the open phone sends.

import { h } from "./dom.js";
import { inbound } from "./inbound.js";
import { dialog, field } from "./phones.js";

function formDialog(label, rows, send) {
    dialog(label, (close) => {
        const submitForm = (event) => {
            event.preventDefault();
            send();
            close();
        };
        return h(
            "form",
            { onsubmit: submitForm },
            rows.map((row) => row.row),
            h(
                "div",
                { class: "buttons" },
                h("span", { class: "gap" }),
                h("button", { type: "button", class: "quiet", onclick: close }, "Cancel"),
                h("button", { type: "submit", class: "primary" }, "Send")
            )
        );
    });
}

/** Send a place, as the answer to a request for one or not. */
export function locationDialog(request) {
    const name = field("Name", { value: "Puerta del Sol" });
    const address = field("Address", { value: "Madrid" });
    const latitude = field("Latitude", { value: "40.4168", required: true, inputmode: "decimal" });
    const longitude = field("Longitude", {
        value: "-3.7038",
        required: true,
        inputmode: "decimal",
    });
    formDialog("Send a location", [name, address, latitude, longitude], () => {
        const location = {
            name: name.input.value,
            address: address.input.value,
            latitude: latitude.input.value,
            longitude: longitude.input.value,
        };
        inbound({
            type: "location",
            location,
            ...(request ? { context: { gs_id: request.gs_id } } : {}),
        });
    });
}

/** Send somebody's name and number. */
export function contactDialog() {
    const name = field("Name", { value: "Ana Gil", required: true });
    const digits = field("Number", { value: "+34 600 22 33 44", required: true });
    formDialog("Send a contact card", [name, digits], () => {
        const [first, ...rest] = name.input.value.split(" ");
        const contact = {
            name: {
                first_name: first,
                last_name: rest.join(" "),
                formatted_name: name.input.value,
            },
            phones: [
                {
                    phone: digits.input.value,
                    type: "Mobile",
                    wa_id: digits.input.value.replace(/\D/g, ""),
                },
            ],
        };
        inbound({ type: "contact", contact });
    });
}
