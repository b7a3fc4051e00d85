import { fields } from "@mail/core/common/record";
import { DiscussApp } from "@mail/core/public_web/discuss_app_model";
import { DiscussAppCategory } from "@mail/discuss/core/public_web/discuss_app_category_model";
import { compareDatetime } from "@mail/utils/common/misc";

import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

const CATEGORY_ID = "whatsapp_omni.category";

patch(DiscussApp.prototype, {
    setup() {
        super.setup(...arguments);
        this.whatsappCategory = fields.One("DiscussAppCategory", {
            compute() {
                return {
                    extraClass: "o-mail-DiscussSidebarCategory-whatsapp_omni",
                    hideWhenEmpty: true,
                    icon: "fa fa-whatsapp",
                    id: CATEGORY_ID,
                    name: _t("WhatsApp"),
                    sequence: 25,
                };
            },
            eager: true,
        });
    },
});

patch(DiscussAppCategory.prototype, {
    sortThreads(t1, t2) {
        if (this.id === CATEGORY_ID) {
            return compareDatetime(t2.lastInterestDt, t1.lastInterestDt) || t2.id - t1.id;
        }
        return super.sortThreads(...arguments);
    },
});
