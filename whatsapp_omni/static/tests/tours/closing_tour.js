import { registry } from "@web/core/registry";

import { expectStrokes, startCounting } from "@whatsapp_omni/../tests/tours/strokes";

const PALETTE = ".o_command_palette";
const DIALOG = ".o-whatsapp_omni-CloseDialog";
const FORM = ".o-whatsapp_omni-ResultForm";
const CARD = ".o-whatsapp_omni-ConversationCard";

// In the palette, once it is open.
const CLOSE = [
    {
        trigger: `${PALETTE} input`,
        run: "fill close",
    },
    {
        trigger: `${PALETTE} .o_command.focused:contains(Close)`,
    },
    {
        trigger: `${PALETTE} input`,
        run: "press Enter",
    },
];

registry.category("web_tour.tours").add("whatsapp_omni.close_by_keyboard", {
    steps: () => [
        {
            trigger: ".o-mail-Composer-input",
            run: () => startCounting(),
        },
        {
            content: "The palette has every action on the conversation",
            trigger: "body",
            run: "press control+k",
        },
        ...CLOSE,
        {
            content: "What is typed finds it, in sub-options too",
            trigger: `${FORM}-search:focus`,
            run: "fill solved",
        },
        {
            trigger: `${DIALOG} [aria-selected='true']:contains(Solved here)`,
        },
        {
            trigger: `${FORM}-search`,
            run: "press Enter",
        },
        {
            content: "Three keys, and the next conversation is on the screen",
            trigger: `body:not(:has(${DIALOG})) ${CARD}[aria-selected='true']`,
            run: () => expectStrokes(3),
        },
        {
            content: "The second one has a past",
            trigger: ".o-mail-Composer-input",
            run: () => startCounting(),
        },
        {
            trigger: "body",
            run: "press control+k",
        },
        ...CLOSE,
        {
            trigger: `${FORM}-search:focus`,
            run: "press alt+r",
        },
        {
            content: "Records tell what was said before, on another line",
            trigger:
                ".o-whatsapp_omni-Records-record:contains(Sale › Lost):contains(too dear):contains(Second line)",
        },
        {
            trigger: ".o-whatsapp_omni-Records-earlier summary",
        },
        {
            trigger: DIALOG,
            run: "press alt+f",
        },
        {
            trigger: `${FORM}-search:focus`,
            run: "press ArrowDown",
        },
        {
            trigger: `${FORM}-search:focus`,
            run: "press ArrowDown",
        },
        {
            content: "Enter leads to what is missing",
            trigger: `${DIALOG}:has([aria-selected='true']:contains(Won)) ${FORM}-search`,
            run: "press Enter",
        },
        {
            trigger: `${FORM}-field input:focus`,
            run: "fill S00012",
        },
        {
            trigger: `${FORM}-field input:focus`,
            run: "press Enter",
        },
        {
            content: "Two for the dialog, two for the records, four for the result",
            trigger: `body:not(:has(${DIALOG})) .o-whatsapp_omni-Inbox`,
            run: () => expectStrokes(8),
        },
    ],
});
