import { click, contains, insertText } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryOne } from "@odoo/hoot-dom";
import {
    contains as on,
    defineModels,
    fields,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

import { defineWhatsappModels } from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const GUIDE = {
    limits: { body: 30, title: 5 },
    placeholders: [{ name: "contact.name", label: "Contact: name", sample: "Lucía Gómez" }],
};

class Note extends models.Model {
    _name = "note";

    kind = fields.Char({ default: "quick_reply" });
    header_kind = fields.Char({ default: "text" });
    body = fields.Text();
    guide = fields.Json({ default: GUIDE });
    attachment_id = fields.Many2one({ relation: "ir.attachment" });
    option_ids = fields.One2many({ relation: "note.option", relation_field: "note_id" });
}

class NoteOption extends models.Model {
    _name = "note.option";

    note_id = fields.Many2one({ relation: "note" });
    title = fields.Char();
}

defineModels([Note, NoteOption]);

const ARCH = `
    <form>
        <field name="kind" invisible="1"/>
        <field name="header_kind" invisible="1"/>
        <field name="guide" invisible="1"/>
        <field name="body" widget="whatsapp_omni_text" options="{'placeholders': True}"/>
        <field name="option_ids">
            <list editable="bottom">
                <field name="title" widget="whatsapp_omni_char"/>
            </list>
        </field>
        <widget name="whatsapp_omni_template_preview"/>
    </form>`;

const BODY = "[name='body'] textarea";
const COUNTER = "[name='body'] .o-whatsapp_omni-LimitedField-counter";
const PREVIEW = ".o-whatsapp_omni-WhatsappPreview";

const openForm = () => mountView({ type: "form", resModel: "note", arch: ARCH });

test("counter and preview follow each key", async () => {
    await openForm();
    await contains(COUNTER, { text: "0/30" });
    await contains(`${PREVIEW}-empty`);
    await insertText(BODY, "Hola *👋*");
    await contains(COUNTER, { text: "8/30" });
    await contains(`${PREVIEW}-body strong`, { text: "👋" });
});

test("what is too long is seen before it is saved", async () => {
    await openForm();
    await insertText(BODY, "x".repeat(31));
    await contains(`${COUNTER}.text-danger[role='alert']`, { text: "31/30" });
});

test("a value is put where the cursor is, and counts as its sample", async () => {
    await openForm();
    await insertText(BODY, "Hola ");
    await on(BODY).press("Tab");
    await click(".o-whatsapp_omni-LimitedField-insert");
    await click(".o-dropdown-item", { text: "Contact: name" });
    await contains(BODY, { value: "Hola {{contact.name|}}" });
    // what to say without a value is typed right away
    expect(queryOne(BODY).selectionStart).toBe("Hola {{contact.name|".length);
    await contains(COUNTER, { text: "16/30" });
    await contains(`${PREVIEW}-body`, { text: "Hola Lucía Gómez" });
});

test("options are counted by the limits of their message, and shown as buttons", async () => {
    await openForm();
    await click(".o_field_x2many_list_row_add a");
    await insertText("[name='title'] input", "Ventas");
    await contains("[name='title'] .o-whatsapp_omni-LimitedField-counter.text-danger", {
        text: "6/5",
    });
    await contains(`${PREVIEW}-button`, { text: "Ventas" });
});
