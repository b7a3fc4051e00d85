import { registry } from "@web/core/registry";

import { expectStrokes, startCounting } from "@whatsapp_omni/../tests/tours/strokes";

const CARD = ".o-whatsapp_omni-ConversationCard";
const COMPOSER = ".o-mail-Composer-input";
const HEADER = ".o-whatsapp_omni-ConversationHeader-name";
const TRANSFER = ".o-whatsapp_omni-TransferDialog";

/** What the agent's day is made of, at no more clicks and keys than promised. */
registry.category("web_tour.tours").add("whatsapp_omni.targets", {
    steps: () => [
        {
            trigger: `${COMPOSER}:focus`,
        },
        {
            trigger: "[role='tab'][data-tab='new']",
            run: "click",
        },
        {
            trigger: `${CARD}:contains(Pepe)`,
            run: () => startCounting(`${COMPOSER}:focus`),
        },
        {
            content: "A new message is seen: one click, and the answer can be typed",
            trigger: `${CARD}:contains(Pepe) ${CARD}-capture`,
            run: "click",
        },
        {
            trigger: `${COMPOSER}:focus`,
            run: () => expectStrokes(1, 300),
        },
        {
            trigger: `${HEADER}:contains(Pepe)`,
        },
        {
            trigger: `${COMPOSER}:focus`,
            run: () => startCounting(),
        },
        {
            content: "The next one that waits for me: one key",
            trigger: `${COMPOSER}:focus`,
            run: "press Tab",
        },
        {
            trigger: `${HEADER}:contains(Lucía)`,
        },
        {
            trigger: `${COMPOSER}:focus`,
            run: () => expectStrokes(1),
        },
        {
            trigger: ".o-whatsapp_omni-ConversationHeader-transfer",
            run: () => startCounting(),
        },
        {
            content: "Transfer it to a colleague: three clicks",
            trigger: ".o-whatsapp_omni-ConversationHeader-transfer",
            run: "click",
        },
        {
            trigger: `${TRANSFER}-option:contains(Luis)`,
            run: "click",
        },
        {
            trigger: `${TRANSFER}-confirm:enabled`,
            run: "click",
        },
        {
            trigger: ".o_notification:contains(Transferred to Luis)",
            run: () => expectStrokes(3),
        },
    ],
});
