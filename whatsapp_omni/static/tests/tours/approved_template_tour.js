import { registry } from "@web/core/registry";

const row = (name) => `.o_data_row:has([name=name]:contains("${name}"))`;
const SWITCH = ".o_boolean_toggle input";

/** From the empty list to a template that stays switched off, and one under review. */
registry.category("web_tour.tours").add("whatsapp_omni.approved_templates", {
    url: "/odoo/whatsapp-approved-templates",
    steps: () => [
        {
            content: "The empty list leads to the synchronisation",
            trigger: ".o_view_nocontent a[type=action]",
            run: "click",
        },
        { trigger: `${row("visit")} .badge:contains(Approved)` },
        { trigger: `${row("visit")} ${SWITCH}:checked`, run: "click" },
        { trigger: `${row("visit")} ${SWITCH}:not(:checked)` },
        {
            content: "Synchronising leaves the switch alone",
            trigger: "button[name=action_sync_all]",
            run: "click",
        },
        { trigger: ".o_notification:contains(up to date)" },
        { trigger: `${row("visit")} ${SWITCH}:not(:checked)` },
        {
            content: "Make a draft",
            trigger: ".o_list_button_add",
            run: "click",
        },
        { trigger: "[name=problems]:contains(The name is missing)" },
        { trigger: "[name=name] input", run: "edit order_ready" },
        { trigger: "[name=body] textarea", run: "edit Your order is *ready*." },
        { trigger: "[name=footer] input", run: "edit Acme" },
        { trigger: "[name=language] input", run: "edit en && press Tab" },
        { trigger: ".o-whatsapp_omni-WhatsappPreview-body:contains(Your order is ready.)" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: "button[name=action_submit]", run: "click" },
        { trigger: ".modal button:contains(Submit)", run: "click" },
        { trigger: ".o_notification:contains(is submitted)" },
        { trigger: ".oe_title .badge:contains(Pending)" },
        { trigger: ".o_last_breadcrumb_item:contains(order_ready)" },
    ],
});
