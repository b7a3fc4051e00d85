import { SuggestionService } from "@mail/core/common/suggestion_service";

import { patch } from "@web/core/utils/patch";

import { isWhatsapp } from "@whatsapp_omni/core/constants";

patch(SuggestionService.prototype, {
    /**
     * @override No colleagues, channels or commands: the customer reads it all. "/"
     * begins the shortcut of a quick reply.
     */
    getSupportedDelimiters(thread) {
        const delimiters = super.getSupportedDelimiters(...arguments);
        if (!isWhatsapp(thread)) {
            return delimiters;
        }
        return delimiters.filter(([delimiter]) => ["/", "::", ":"].includes(delimiter));
    },
});
