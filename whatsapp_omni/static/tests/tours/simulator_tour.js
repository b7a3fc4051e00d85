import { registry } from "@web/core/registry";

const SIMULATOR = ".o-whatsapp_omni-Simulator";
const BUBBLE = `${SIMULATOR}-bubble`;

registry.category("web_tour.tours").add("whatsapp_omni.simulator", {
    steps: () => [
        {
            content: "The picture of the menus is on the line",
            trigger:
                ".o-whatsapp_omni-MenuBox:contains(Inicio) .o-whatsapp_omni-MenuBox:contains(Nuevo)",
        },
        {
            content: "Open the simulator",
            trigger: "button[name='action_simulate']",
            run: "click",
        },
        {
            content: "Write as the customer",
            trigger: `${SIMULATOR}-input`,
            run: "edit Hola",
        },
        {
            trigger: `.modal ${SIMULATOR} button:contains(Write)`,
            run: "click",
        },
        {
            content: "The line welcomes and asks; tap",
            trigger: `${BUBBLE}:contains(Inicio?) ${SIMULATOR}-option:contains(Ventas)`,
            run: "click",
        },
        {
            content: "The next menu; type",
            trigger: `${BUBBLE}:contains(Ventas?)`,
        },
        {
            trigger: `${SIMULATOR}-input`,
            run: "edit nuevo",
        },
        {
            trigger: `.modal ${SIMULATOR} button:contains(Write)`,
            run: "click",
        },
        {
            content: "It tells where the customer would wait",
            trigger: `${SIMULATOR}-note:contains(Waits for an agent: Sales)`,
        },
    ],
});
