import { click, contains, insertText, triggerHotkey } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { manuallyDispatchProgrammaticEvent, press, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { onRpc } from "@web/../tests/web_test_helpers";

import {
    BAR,
    card,
    COMPOSER,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    pushConversation,
    pushRemoval,
    startWhatsappServer,
    TAB_ATTENDED,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

async function openThreeWaiting() {
    await startWhatsappServer();
    const ids = [1, 2, 3].map((minutes) =>
        createConversation({ name: `C${minutes}`, last_message_at: minutesAgo(minutes) })
    );
    await openDesk();
    await contains(card(ids[2]));
    return ids;
}

test("J and K move among the cards, and stop at the ends", async () => {
    const [first, second, third] = await openThreeWaiting();
    await press("j");
    await contains(`${card(first)}:focus`);
    await press("j");
    await press("j");
    await contains(`${card(third)}:focus`);
    await press("j");
    await contains(`${card(third)}:focus`);
    await press("k");
    await contains(`${card(second)}:focus`);
});

test("the arrows move among the cards, from the search too", async () => {
    const [first, second] = await openThreeWaiting();
    queryFirst("input[type='search']").focus();
    await press("ArrowDown");
    await contains(`${card(first)}:focus`);
    await press("ArrowDown");
    await contains(`${card(second)}:focus`);
    await press("ArrowUp");
    await contains(`${card(first)}:focus`);
});

test("Enter on a waiting one takes it", async () => {
    const [first] = await openThreeWaiting();
    await press("j");
    await press("Enter");
    await contains(`${COMPOSER}:focus`);
    await contains(`${TAB_ATTENDED}[aria-selected='true']`, { text: "Attended1" });
    await contains(card(first));
});

test("Space reads it without taking it", async () => {
    await openThreeWaiting();
    await press("j");
    await press("Space");
    await contains(`${BAR}[data-state='peek']`);
    await contains(TAB_ATTENDED, { text: "Attended0" });
});

test("Enter on an own one opens it with the cursor in the composer", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk();
    await click(TAB_ATTENDED);
    await contains(card(id));
    await press("j");
    await press("Enter");
    await contains(`${COMPOSER}:focus`);
});

test("letters typed in the composer are text", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await contains(`${COMPOSER}:focus`);
    await press("j");
    await animationFrame();
    await contains(`${COMPOSER}:focus`);
    await insertText(COMPOSER, "¿?");
    await press("?");
    await contains(".o-whatsapp_omni-ShortcutsDialog", { count: 0 });
});

test("a key that is held down does it once", async () => {
    await startWhatsappServer();
    const [first, second] = ["Marta", "Otto"].map((name) =>
        createConversation({ name, isMine: true, waiting_count: 1 })
    );
    await openDesk(first);
    await contains(`${COMPOSER}:focus`);
    document.activeElement.blur();
    const stars = [];
    onRpc("whatsapp_omni.conversation", "action_star", ({ args }) => {
        stars.push(args[1]);
        return true;
    });
    for (const repeat of [false, true, true]) {
        await manuallyDispatchProgrammaticEvent(document.body, "keydown", { key: "s", repeat });
    }
    await contains(`${card(first)} .o-whatsapp_omni-ConversationCard-star`);
    expect(stars).toEqual([true]);
    await contains(card(second));
});

test("what is typed on when the conversation has gone is no command", async () => {
    await startWhatsappServer();
    const [gone, next] = ["Marta", "Otto"].map((name) =>
        createConversation({ name, isMine: true })
    );
    await openDesk(gone);
    await contains(card(next));
    await insertText(COMPOSER, "su ped");
    pushRemoval(gone);
    await contains(card(gone), { count: 0 });
    await contains(COMPOSER, { count: 0 });
    await press("p");
    await press("Space");
    await press("Enter");
    await contains(".o_notification:contains(was closed or left your queues)");
    await contains(".o-whatsapp_omni-PutAsideDialog", { count: 0 });
    await contains(".o-whatsapp_omni-ConversationHeader", { count: 0 });
});

test("what is typed on when the window closes is no command", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await insertText(COMPOSER, "su ped");
    pushConversation(id, { window_expired: true });
    await contains(`${BAR}[data-state='window']`);
    await press("p");
    await animationFrame();
    await contains(".o-whatsapp_omni-PutAsideDialog", { count: 0 });
    // whoever leaves the text on purpose is heard at once
    await press("Escape");
    await press("p");
    await contains(".o-whatsapp_omni-PutAsideDialog");
});

test("Escape leads from the composer back to the card", async () => {
    await startWhatsappServer();
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await contains(`${COMPOSER}:focus`);
    await press("Escape");
    await contains(`${card(id)}:focus`);
});

test("exactly one card is reached by Tab", async () => {
    await openThreeWaiting();
    expect("[role='option'][tabindex='0']").toHaveCount(1);
    expect("[role='option'][tabindex='-1']").toHaveCount(2);
});

test("? shows the keys", async () => {
    await openThreeWaiting();
    await press("j");
    await press("?");
    await contains(".o-whatsapp_omni-ShortcutsDialog", { text: "Back to the list" });
});

test("the command palette does what can be done with the conversation", async () => {
    await startWhatsappServer();
    await openDesk(createConversation({ isMine: true }));
    await contains(COMPOSER);
    await triggerHotkey("control+k");
    await contains(".o_command:first:contains(Quick replies and templates)");
    await click(".o_command:contains(Close)");
    await contains(".o-whatsapp_omni-CloseDialog");
    await contains(".o_command_palette", { count: 0 });
});
