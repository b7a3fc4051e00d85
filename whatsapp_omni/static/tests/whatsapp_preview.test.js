import { contains } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryOne } from "@odoo/hoot-dom";
import { contains as on, mountWithCleanup } from "@web/../tests/web_test_helpers";

import { formatMarks } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_marks";
import { WhatsappPreview } from "@whatsapp_omni/core/whatsapp_preview/whatsapp_preview";

import { defineWhatsappModels } from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const PREVIEW = ".o-whatsapp_omni-WhatsappPreview";

const show = (props) => mountWithCleanup(WhatsappPreview, { props });
const html = (text) => formatMarks(text).toString();

test("marks are formatted, whatever else a text holds is shown as it is", () => {
    expect(html("*bold* _italic_ ~struck~")).toBe(
        "<strong>bold</strong> <em>italic</em> <s>struck</s>"
    );
    expect(html("*bold and _italic_*")).toBe("<strong>bold and <em>italic</em></strong>");
    expect(html("```a *b*``` `c`")).toBe("<code>a *b*</code> <code>c</code>");
    expect(html("snake_case_words and 2*3*4")).toBe("snake_case_words and 2*3*4");
    expect(html("* a *\n_b_")).toBe("* a *<br><em>b</em>");
    expect(html("<img src=x onerror=alert(1)> *<b>*")).toBe(
        "&lt;img src=x onerror=alert(1)&gt; <strong>&lt;b&gt;</strong>"
    );
    expect(html("https://example.com/_a_")).toInclude("https://example.com/_a_</span>");
});

test("header, body, footer and buttons", async () => {
    await show({
        header: "Cita",
        body: "¿Viene *mañana*?",
        footer: "Acme",
        buttons: [{ title: "Sí" }, { title: "Llamar", kind: "phone" }],
    });
    await contains(`${PREVIEW}-header`, { text: "Cita" });
    await contains(`${PREVIEW}-body strong`, { text: "mañana" });
    await contains(`${PREVIEW}-footer`, { text: "Acme" });
    await contains(`${PREVIEW}-button`, { count: 2 });
    await contains(`${PREVIEW}-button .fa-phone`);
    await contains(`${PREVIEW}-opener`, { count: 0 });
});

test("a list opens and closes by its button", async () => {
    await show({
        body: "¿Cuándo?",
        opener: "Ver",
        options: [{ title: "Mañana", description: "De 9 a 12" }, { title: "Tarde" }],
    });
    await contains(`${PREVIEW}-row`, { count: 2 });
    await contains(`${PREVIEW}-row:contains(De 9 a 12)`);
    await on(`${PREVIEW}-opener`).click();
    await contains(`${PREVIEW}-row`, { count: 0 });
    expect(queryOne(`${PREVIEW}-opener`)).toHaveAttribute("aria-expanded", "false");
});

test("a picture is shown, other files by sign and name", async () => {
    await show({ headerKind: "image", mediaUrl: "data:image/png;base64,iVBORw0KGgo=" });
    await contains(`${PREVIEW} img`);
    await show({ headerKind: "document", fileName: "terms.pdf", mediaUrl: "/x" });
    await contains(`${PREVIEW}-file[data-kind='document']`, { text: "terms.pdf" });
    await show({ headerKind: "image" });
    await contains(`${PREVIEW}-file[data-kind='image']`);
});

test("place and card", async () => {
    await show({ headerKind: "location", place: { name: "Tienda", address: "Calle 1" } });
    await contains(`${PREVIEW}-place`, { text: "Tienda" });
    await show({ headerKind: "contact", card: { name: "Ana", phones: ["+34 600"] } });
    await contains(`${PREVIEW}-card:contains(+34 600)`);
});

test("a text is empty whatever else a template could hold", async () => {
    await show({ headerKind: "text", body: "", place: { name: "", address: "" } });
    await contains(`${PREVIEW}-empty`);
    await contains(`${PREVIEW}-bubble`, { count: 0 });
});

test("nothing to show yet", async () => {
    await show({});
    await contains(`${PREVIEW}-empty`);
});
