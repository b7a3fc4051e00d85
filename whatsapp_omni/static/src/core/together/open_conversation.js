/**
 * Show a conversation at the desk, whatever is on the page now.
 *
 * @param {import("models").Store} store
 * @param {number} id
 */
export function openConversation(store, id) {
    const { whatsappDesk: desk } = store;
    if (desk.isActive) {
        return desk.open(id);
    }
    return store.env.services.action.doAction("whatsapp_omni.action_inbox", {
        props: { resId: id },
    });
}
