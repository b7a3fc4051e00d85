import { contains as waitFor, defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

import { untilSubscribed } from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineMailModels();

class ApprovedTemplate extends models.Model {
    _name = "whatsapp_omni.approved.template";

    name = fields.Char();
    status = fields.Char();
    preview = fields.Json();

    _records = [
        {
            id: 1,
            name: "visit",
            status: "PENDING",
            preview: {
                headerKind: "text",
                header: "Visit",
                body: "Hello *Lucía*",
                footer: "Acme",
                buttons: [{ title: "Confirm", kind: "reply" }],
            },
        },
        { id: 2, name: "other", status: "PENDING" },
    ];
}
defineModels([ApprovedTemplate]);

const FORM = `
    <form js_class="whatsapp_omni_approved_template_form">
        <field name="name"/>
        <field name="status" readonly="1"/>
        <field name="preview" widget="whatsapp_omni_preview"/>
    </form>`;
const LIST = `
    <list js_class="whatsapp_omni_approved_template_list">
        <field name="name"/>
        <field name="status"/>
    </list>`;
const CARDS = `
    <kanban js_class="whatsapp_omni_approved_template_kanban">
        <templates>
            <t t-name="card">
                <field name="name"/>
                <field name="status" widget="badge"/>
            </t>
        </templates>
    </kanban>`;

async function open(type, arch, values) {
    await mountView({ type, resModel: ApprovedTemplate._name, arch, ...values });
    await untilSubscribed();
}

/** Let the provider tell a status of these templates. */
function tell(status, ...ids) {
    const { env } = MockServer;
    env["whatsapp_omni.approved.template"].write(ids, { status });
    // The mock bus knows no channels of groups.
    env["bus.bus"]._sendone("broadcast", "whatsapp_omni.approved_template/changed", { ids });
}

const approved = (selector) => waitFor(selector, { text: "APPROVED" });

test("the review is followed in an open form", async () => {
    await open("form", FORM, { resId: 1 });
    expect("[name=status]").toHaveText("PENDING");
    tell("APPROVED", 2, 1);
    await approved("[name=status] span");
});

test("what is being typed is not lost to news", async () => {
    await open("form", FORM, { resId: 1 });
    await contains("[name=name] input").edit("typed");
    tell("APPROVED", 1);
    await animationFrame();
    expect("[name=name] input").toHaveValue("typed");
    expect("[name=status]").toHaveText("PENDING");
});

test("the review is followed in an open list", async () => {
    await open("list", LIST);
    tell("APPROVED", 1);
    await approved(".o_data_row:first-child [name=status]");
    expect(".o_data_row:nth-child(2) [name=status]").toHaveText("PENDING");
});

test("the review is followed on open cards", async () => {
    await open("kanban", CARDS);
    tell("APPROVED", 1);
    await approved(".o_kanban_record:first-child [name=status]");
});

test("the message is shown as on WhatsApp", async () => {
    await open("form", FORM, { resId: 1 });
    const preview = ".o-whatsapp_omni-WhatsappPreview";
    expect(`${preview}-header`).toHaveText("Visit");
    expect(`${preview}-body strong, ${preview}-body b`).toHaveText("Lucía");
    expect(`${preview}-footer`).toHaveText("Acme");
    expect(`${preview}-button`).toHaveText("Confirm");
});
