import "@mail/discuss/core/common/channel_commands";

import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";

// A text that begins with "/" is a text for the customer.
for (const [, command] of registry.category("discuss.channel_commands").getEntries()) {
    if (command.channel_types) {
        continue;
    }
    patch(command, {
        condition({ thread }) {
            return !isWhatsapp(thread) && (super.condition?.(...arguments) ?? true);
        },
    });
}
