import { contains, openDiscuss, start } from "@mail/../tests/mail_test_helpers";
import { withGuest } from "@mail/../tests/mock_server/mail_mock_server";
import { describe, expect, test } from "@odoo/hoot";
import {
    asyncStep,
    getService,
    MockServer,
    onRpc,
    patchWithCleanup,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import { rpc } from "@web/core/network/rpc";

import {
    BAR,
    channelOf,
    COMPOSER,
    createConversation,
    createGuest,
    defineWhatsappModels,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

async function receive(conversationId, body) {
    const { env } = MockServer;
    const guestId = createGuest();
    const [channel] = env["discuss.channel"].browse(channelOf(conversationId));
    await withGuest(guestId, () =>
        rpc("/mail/message/post", {
            post_data: {
                body,
                message_type: "comment",
                subtype_xmlid: "mail.mt_comment",
            },
            thread_id: channel.id,
            thread_model: "discuss.channel",
        })
    );
}

test("own conversations have a category of their own in Discuss", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await start();
    await openDiscuss(channelOf(id));
    await contains(".o-mail-DiscussSidebarCategory-whatsapp_omni", { text: "WhatsApp" });
    await contains(".o-mail-DiscussSidebarChannel", { text: "Lucía Gómez" });
    await contains(COMPOSER);
    await contains(".o-whatsapp_omni-ConversationHeader-close");
    for (const action of ["invite-people", "notification-settings", "call", "show-threads"]) {
        expect(`.o-mail-DiscussContent-header [name='${action}']`).toHaveCount(0);
    }
    await contains(".o-mail-DiscussContent-header [name='search-messages']");
});

test("the same rules hold in Discuss: a waiting one cannot be answered", async () => {
    await startWhatsappServer();
    const id = createConversation();
    await start();
    await openDiscuss(channelOf(id));
    await contains(`${BAR}[data-state='peek']`);
    await contains(COMPOSER, { count: 0 });
});

test("a message opens no chat window, bubble or request", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    onRpc("discuss.channel", "channel_fetched", () => asyncStep("channel_fetched"));
    await start();
    await receive(id, "¿Hola?");
    await contains(".o-mail-MessagingMenu-counter", { text: "1" });
    await contains(".o-mail-ChatBubble", { count: 0 });
    await contains(".o-mail-ChatWindow", { count: 0 });
    await waitForSteps([]);
});

test("outside Discuss a thread opens on the desk", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await start();
    const store = getService("mail.store");
    const opened = [];
    patchWithCleanup(getService("action"), {
        doAction: (action, options) => opened.push([action, options]),
    });
    await store.whatsappDesk.start();
    const thread = await store.Thread.getOrFetch({
        model: "discuss.channel",
        id: channelOf(id),
    });
    await thread.open();
    expect(opened).toEqual([["whatsapp_omni.action_inbox", { props: { resId: id } }]]);
    expect(thread.avatarUrl).toInclude("user_menu_avatar");
    expect(serverState.userId).toBe(store.self.main_user_id.id);
});
