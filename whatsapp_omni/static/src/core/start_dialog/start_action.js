import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";
import { StartDialog } from "@whatsapp_omni/core/start_dialog/start_dialog";

/**
 * Open the dialog that starts conversations, over whatever is on the screen.
 *
 * @param {import("@web/env").OdooEnv} env
 * @param {Object} action with `params.model` and `params.ids` of those to write to,
 *  anything that has a contact or a phone number; without them one is searched
 */
async function startAction(env, action) {
    const { model, ids } = action.params ?? {};
    const props = model
        ? {
              people: await env.services.orm.call(CONVERSATION_MODEL, "get_start_people", [
                  model,
                  ids,
              ]),
          }
        : {};
    env.services.dialog.add(StartDialog, {
        ...props,
        onStarted: (conversationId) => onStarted(env, conversationId),
    });
}

/** Show it on the desk, or offer to where the desk is not on the screen. */
function onStarted(env, conversationId) {
    const desk = env.services["mail.store"].whatsappDesk;
    if (desk.isActive) {
        desk.open(conversationId);
        return;
    }
    env.services.notification.add(_t("The template was sent."), {
        type: "success",
        buttons: [
            {
                name: _t("Open the conversation"),
                onClick: () =>
                    env.services.action.doAction("whatsapp_omni.action_inbox", {
                        props: { resId: conversationId },
                    }),
            },
        ],
    });
}

registry.category("actions").add("whatsapp_omni.start", startAction);
