import { registry } from "@web/core/registry";

import { expectStrokes, startCounting } from "@whatsapp_omni/../tests/tours/strokes";

const BANNER = ".o-whatsapp_omni-IdentifyBanner";
const CANDIDATE = ".o-whatsapp_omni-Candidates-one";
const DIALOG = ".o-whatsapp_omni-IdentifyDialog";
const HEADER = ".o-whatsapp_omni-ConversationHeader-name";
const PANEL = ".o-whatsapp_omni-SidePanel";
const AUTHOR = ".o-mail-Message-author";

registry.category("web_tour.tours").add("whatsapp_omni.identify_and_edit", {
    steps: () => [
        {
            content: "Nobody has said who this is, but a contact has the number",
            trigger: `${BANNER} ${CANDIDATE}[data-match='number']:contains(Lucía Gómez)`,
            run: () => startCounting(),
        },
        {
            trigger: `${BANNER} ${CANDIDATE}:contains(Lucía Gómez)`,
            run: "click",
        },
        {
            content: "One click",
            trigger: `${HEADER}:contains(Lucía Gómez)`,
            run: () => expectStrokes(1),
        },
        {
            content: "The answer can be typed at once",
            trigger: ".o-mail-Composer-input:focus",
        },
        {
            content: "What was written before is theirs",
            trigger: `${AUTHOR}:contains(Lucía Gómez)`,
        },
        {
            content: "It was somebody else",
            trigger: ".o_notification button:contains(Undo)",
            run: "click",
        },
        {
            trigger: `${BANNER}`,
        },
        {
            trigger: `${HEADER}:not(:contains(Gómez))`,
        },
        {
            content: "Or was it not? From the panel this time",
            trigger: `${PANEL}-stranger ${CANDIDATE}:contains(Lucía Gómez)`,
            run: "click",
        },
        {
            content: "The contact is edited where it stands",
            trigger: `${PANEL} .o_field_widget[name='email'] input`,
            run: "edit l@example.com && press Tab",
        },
        {
            trigger: `${PANEL} .o_field_widget[name='name'] input`,
            run: "edit Lucía G. Ruiz && press Tab",
        },
        {
            content: "Saved, and shown everywhere",
            trigger: `${HEADER}:contains(Lucía G. Ruiz)`,
        },
        {
            trigger: `${AUTHOR}:contains(Lucía G. Ruiz)`,
        },
        {
            content: "The timeline tells it all",
            trigger: `${PANEL}-timeline:contains(Contact linked):contains(Contact unlinked)`,
        },
        {
            content: "There is nothing unsaved",
            trigger: `${PANEL} .o_field_widget[name='email'] input:value(l@example.com)`,
        },
    ],
});

registry.category("web_tour.tours").add("whatsapp_omni.create_contact", {
    steps: () => [
        {
            trigger: `${BANNER}-here`,
            run: "click",
        },
        {
            trigger: `${DIALOG}:contains(No contact has this number or name.)`,
        },
        {
            trigger: `${DIALOG}-create`,
            run: "click",
        },
        {
            content: "Filled in from WhatsApp",
            trigger: ".modal .o_field_widget[name='phone'] input:value(+34 600 11 12 22)",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: `${PANEL} .o_field_widget[name='country_id'] input:value(Spain)`,
        },
        {
            trigger: `body:not(:has(${BANNER}))`,
        },
    ],
});
