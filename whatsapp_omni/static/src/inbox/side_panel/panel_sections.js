import { registry } from "@web/core/registry";

/**
 * What other addons show among the records of a contact: components with the props
 * `conversation` and `records`, what the server tells of them, undefined while it is
 * asked. `conversation.panelNews` is raised to have it asked again.
 *
 * @type {import("registries").Registry}
 */
export const recordSections = registry.category("whatsapp_omni.record_sections");
