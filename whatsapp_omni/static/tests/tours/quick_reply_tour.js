import { registry } from "@web/core/registry";

import { expectStrokes, startCounting } from "@whatsapp_omni/../tests/tours/strokes";

const COMPOSER = ".o-mail-Composer-input";
const SUGGESTION = ".o-mail-Composer-suggestion";
const DIALOG = ".o-whatsapp_omni-MessagePicker";

registry.category("web_tour.tours").add("whatsapp_omni.quick_reply", {
    steps: () => [
        {
            trigger: COMPOSER,
            run: "click",
        },
        {
            trigger: `${COMPOSER}:focus`,
            run: () => startCounting(),
        },
        {
            content: "Type a shortcut",
            trigger: `${COMPOSER}:focus`,
            run: "fill /hours",
        },
        {
            trigger: `${SUGGESTION}:contains(/hours)`,
        },
        {
            content: "Enter puts its text into the composer, filled in",
            trigger: `${COMPOSER}:focus`,
            run: "press Enter",
        },
        {
            trigger: `${COMPOSER}:focus:value(We open at 9)`,
            run: "press Enter",
        },
        {
            content: "Three keys, and it is on its way",
            trigger: ".o-mail-Message:contains(We open at 9, Lucía)",
            run: () => expectStrokes(3),
        },
        {
            content: "Buttons are looked at first",
            trigger: COMPOSER,
            run: "click",
        },
        {
            trigger: `${COMPOSER}:focus`,
            run: () => startCounting(),
        },
        {
            trigger: `${COMPOSER}:focus`,
            run: "fill /shipping",
        },
        {
            trigger: `${SUGGESTION}:contains(/shipping)`,
        },
        {
            trigger: `${COMPOSER}:focus`,
            run: "press Enter",
        },
        {
            trigger: `${DIALOG} .o-whatsapp_omni-WhatsappPreview-button:contains(At home)`,
        },
        {
            trigger: `${DIALOG}-search:focus`,
            run: "press Enter",
        },
        {
            trigger: ".o-mail-Message:contains(At home)",
            run: () => expectStrokes(3),
        },
        {
            trigger: `body:not(:has(${DIALOG}))`,
        },
    ],
});
