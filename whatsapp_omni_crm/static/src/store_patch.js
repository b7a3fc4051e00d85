import { fields } from "@mail/core/common/record";
import { Store } from "@mail/core/common/store_service";

import { patch } from "@web/core/utils/patch";

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /**
         * What the user may do with leads, told with the desk.
         *
         * @type {{can_read: boolean, can_create: boolean}|undefined}
         */
        this.whatsapp_omni_crm = fields.Attr(undefined);
    },
});
