import { click, contains, insertText, triggerHotkey } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { mockUserAgent } from "@odoo/hoot-mock";
import {
    manuallyDispatchProgrammaticEvent,
    press,
    queryFirst,
    queryOne,
    waitFor,
    waitUntil,
} from "@odoo/hoot-dom";
import { asyncStep, onRpc, patchWithCleanup, waitForSteps } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

import { isShortLink, parseCoordinates } from "@whatsapp_omni/core/location_dialog/coordinates";

import { CONVERSATION, PREVIEW, refuse, says } from "./outgoing_helpers";
import {
    COMPOSER,
    createConversation,
    defineWhatsappModels,
    minutesAgo,
    openDesk,
    PATIENCE,
    startWhatsappServer,
} from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const QUESTION = ".o-whatsapp_omni-QuestionDialog";
const PLACE = ".o-whatsapp_omni-LocationDialog";
const CONTACT = ".o-whatsapp_omni-ContactDialog";
const CAMERA = ".o-whatsapp_omni-CameraDialog";

const input = (name, nth = 0) =>
    `.o-whatsapp_omni-LimitedInput[data-name='${name}']:eq(${nth}) .form-control`;

async function openOwn() {
    const pyEnv = await startWhatsappServer();
    onRpc(CONVERSATION, "action_send_built", ({ args, kwargs }) => {
        asyncStep(`${kwargs.kind} in ${args[0]}: ${kwargs.text} ${JSON.stringify(kwargs.payload)}`);
        return true;
    });
    const id = createConversation({ isMine: true });
    await openDesk(id);
    await contains(COMPOSER);
    return { id, pyEnv };
}

/** Open one of the windows of the composer's menu. */
async function openWindow(name) {
    await click(".o-mail-Composer button[name='more-actions']");
    await click(`.o-dropdown-item[name='${name}'], .o-dropdown--menu [name='${name}']`);
}

test("buttons are built beside a picture of them, and sent", async () => {
    const { id } = await openOwn();
    await openWindow("whatsapp-question");
    await contains(`${QUESTION}-send:disabled`);
    await says(QUESTION, "Write the question.");
    await insertText(input("question"), "How do you *receive* it?");
    await says(QUESTION, "Write what can be chosen.");
    await insertText(input("title", 0), "At home");
    await insertText(input("title", 1), "In the shop");
    await insertText(input("footer"), "Thank you");
    await says(`${PREVIEW}-body strong`, "receive");
    await contains(`${PREVIEW}-button`, { count: 2 });
    await says(`${PREVIEW}-footer`, "Thank you");
    await click(`${QUESTION}-send:enabled`);
    await waitForSteps([
        `quick_reply in ${id}: How do you *receive* it? ${JSON.stringify({
            header: "",
            footer: "Thank you",
            options: [{ title: "At home" }, { title: "In the shop" }],
        })}`,
    ]);
    await contains(QUESTION, { count: 0 });
});

test("a list has up to ten rows, with a second line", async () => {
    const { id } = await openOwn();
    await openWindow("whatsapp-question");
    await click(`${QUESTION}-add`);
    await contains(`${QUESTION}-option`, { count: 3 });
    await contains(`${QUESTION}-add:disabled`);
    await click(`${QUESTION}-list`);
    for (let count = 3; count < 10; count++) {
        await click(`${QUESTION}-add:enabled`);
    }
    await contains(`${QUESTION}-add:disabled`);
    await insertText(input("question"), "Which size?");
    await insertText(input("title", 0), "Small");
    await insertText(input("description", 0), "Up to 50 kg");
    await insertText(input("opener"), "Sizes", { replace: true });
    await says(`${PREVIEW}-row`, "Up to 50 kg");
    await click(`${QUESTION}-send:enabled`);
    await waitForSteps([
        `list in ${id}: Which size? ${JSON.stringify({
            header: "",
            footer: "",
            options: [{ title: "Small", description: "Up to 50 kg" }],
            opener: "Sizes",
        })}`,
    ]);
});

test("what is beyond WhatsApp's limits is marked, and cannot be sent", async () => {
    await openOwn();
    await openWindow("whatsapp-question");
    await insertText(input("question"), "Which?");
    await insertText(input("title", 0), "x".repeat(21));
    await contains(`.o-whatsapp_omni-LimitedInput-counter.text-danger`, { text: "21/20" });
    await says(QUESTION, "Shorten what is marked in red.");
    await contains(`${QUESTION}-send:disabled`);
    // a row of a list has room for it
    await click(`${QUESTION}-list`);
    await contains(`${QUESTION}-send:enabled`);
    await insertText(input("title", 1), "x".repeat(21));
    await says(QUESTION, "Two choices have the same text.");
    await insertText(input("title", 1), "Other", { replace: true });
    await insertText(input("description", 1), "y".repeat(73));
    await contains(`${QUESTION}-send:disabled`);
    await insertText(input("description", 1), "y", { replace: true });
    await insertText(input("opener"), " ", { replace: true });
    await says(QUESTION, "Write on the button that opens the list.");
});

test("what the server refuses is said, and nothing is lost", async () => {
    await openOwn();
    refuse(CONVERSATION, "action_send_built", "The 24-hour window is closed.");
    await openWindow("whatsapp-question");
    await insertText(input("question"), "Which?");
    await insertText(input("title", 0), "This");
    await click(`${QUESTION}-send:enabled`);
    await says(`${QUESTION} .alert`, "The 24-hour window is closed.");
    await contains(input("question"), { value: "Which?" });
});

test("the command palette leads to what can be built", async () => {
    await openOwn();
    await triggerHotkey("control+k");
    await click(".o_command", { text: "Buttons or a list" });
    await contains(QUESTION);
});

test("coordinates are read as people copy them", () => {
    const madrid = { latitude: 40.4168, longitude: -3.7038 };
    for (const text of [
        "40.4168, -3.7038",
        "(40.4168,-3.7038)",
        "40,4168; -3,7038",
        "geo:40.4168,-3.7038?z=15",
        "https://www.google.com/maps/place/Sol/@40.1,-3.1,17z/data=!3m1!3d40.4168!4d-3.7038",
        "https://www.google.com/maps/@40.4168,-3.7038,15z",
        "https://maps.google.com/?q=40.4168,-3.7038",
        "https://www.google.com/maps/search/?api=1&query=40.4168%2C-3.7038",
        "https://maps.apple.com/?ll=40.4168,-3.7038&q=Sol",
        "https://www.openstreetmap.org/?mlat=40.4168&mlon=-3.7038#map=15/40.1/-3.1",
        "https://www.openstreetmap.org/#map=15/40.4168/-3.7038",
        "https://waze.com/ul?ll=40.4168,-3.7038&navigate=yes",
    ]) {
        expect(parseCoordinates(text)).toEqual(madrid, { message: text });
    }
    for (const text of ["", "Calle Mayor 12, 28013", "91.5, 10", "40.4168", "12, 1234"]) {
        expect(parseCoordinates(text)).toBe(undefined, { message: text });
    }
    expect(isShortLink("https://maps.app.goo.gl/abc")).toBe(true);
});

test("a place is pasted, named and sent", async () => {
    const { id } = await openOwn();
    await openWindow("whatsapp-location");
    await contains(`${PLACE}-send:disabled`);
    await insertText(`${PLACE}-pasted`, "somewhere");
    await says(PLACE, "There are no coordinates in this.");
    await insertText(`${PLACE}-pasted`, "https://maps.app.goo.gl/abc", { replace: true });
    await says(PLACE, "A short link does not tell the place");
    await insertText(`${PLACE}-pasted`, "40.4168, -3.7038", { replace: true });
    await contains(`${PLACE}-latitude`, { value: "40.4168" });
    await insertText(`${PLACE}-name`, "Our shop");
    await says(`${PREVIEW}-place`, "Our shop");
    await click(`${PLACE}-send:enabled`);
    await waitForSteps([
        `location in ${id}:  ${JSON.stringify({
            latitude: 40.4168,
            longitude: -3.7038,
            name: "Our shop",
            address: "",
        })}`,
    ]);
});

test("coordinates that do not exist cannot be sent", async () => {
    await openOwn();
    await openWindow("whatsapp-location");
    await insertText(`${PLACE}-latitude`, "91");
    await insertText(`${PLACE}-longitude`, "0");
    await says(PLACE, "These coordinates do not exist.");
    await insertText(`${PLACE}-latitude`, "north", { replace: true });
    await says(PLACE, "These coordinates do not exist.");
    await contains(`${PLACE}-send:disabled`);
});

test("the browser tells where we are, or that it does not", async () => {
    let isAllowed = false;
    patchWithCleanup(browser, {
        navigator: {
            ...browser.navigator,
            geolocation: {
                getCurrentPosition: (resolve, reject) =>
                    isAllowed
                        ? resolve({ coords: { latitude: 41.5, longitude: 2.25 } })
                        : reject(new Error("denied")),
            },
        },
    });
    await openOwn();
    await openWindow("whatsapp-location");
    await click(`${PLACE}-locate`);
    await says(PLACE, "The browser does not tell where you are.");
    isAllowed = true;
    await click(`${PLACE}-locate:enabled`);
    await contains(`${PLACE}-latitude`, { value: "41.5" });
    await contains(`${PLACE}-longitude`, { value: "2.25" });
});

test("a contact whose address has coordinates is a place", async () => {
    await openOwn();
    onRpc("res.partner", "search_read", ({ kwargs }) => {
        asyncStep(JSON.stringify(kwargs.domain.slice(2)));
        return [
            {
                id: 1,
                display_name: "Main shop",
                contact_address_inline: "Mayor 1, Madrid",
                partner_latitude: 40.5,
                partner_longitude: -3.5,
            },
        ];
    });
    await openWindow("whatsapp-location");
    await click(`${PLACE}-contact`, { text: "Main shop" });
    await contains(`${PLACE}-address`, { value: "Mayor 1, Madrid" });
    await contains(`${PLACE}-longitude`, { value: "-3.5" });
    await waitForSteps(["[]"]);
    await insertText(`${PLACE}-search`, "shop");
    await waitForSteps(['[["display_name","ilike","shop"]]']);
});

test("a contact's card is chosen, seen and sent without what is left out", async () => {
    const { id } = await openOwn();
    onRpc("res.partner", "search_read", () => [
        {
            id: 1,
            name: "Repairs",
            display_name: "ACME, Repairs",
            whatsapp_omni_phone: "+34 911 22 33 44",
            email: "repairs@example.com",
            parent_id: [2, "ACME"],
            is_company: false,
        },
    ]);
    await openWindow("whatsapp-contact");
    await contains(`${CONTACT}-search:focus`);
    await contains(`${CONTACT}-send:disabled`);
    await press("ArrowDown");
    await contains(`${CONTACT}-send:enabled`);
    // Enter that ends a word of an input method sends nothing
    await manuallyDispatchProgrammaticEvent(queryOne(`${CONTACT}-search`), "keydown", {
        key: "Enter",
        isComposing: true,
    });
    await contains(`${CONTACT}-send:enabled`);
    await waitForSteps([]);
    await says(`${PREVIEW}-card`, "repairs@example.com");
    await click(`${CONTACT}-email`);
    await contains(`${PREVIEW}-card:contains(repairs@example.com)`, { count: 0 });
    await click(`${CONTACT}-phone`);
    await says(CONTACT, "A card needs a number or an address.");
    await click(`${CONTACT}-phone`);
    await click(`${CONTACT}-send:enabled`);
    await waitForSteps([
        `contact in ${id}:  ${JSON.stringify({
            name: "Repairs",
            company: "ACME",
            phones: ["+34 911 22 33 44"],
            emails: [],
            partner_id: 1,
        })}`,
    ]);
});

test("in a closed window nothing can be built", async () => {
    await startWhatsappServer();
    await openDesk(createConversation({ isMine: true, window_end: minutesAgo(1) }));
    await triggerHotkey("control+k");
    await contains(".o_command:contains(Quick replies and templates)");
    await contains(".o_command:contains(Buttons or a list)", { count: 0 });
    await contains(".o_command:contains(Send later)", { count: 0 });
});

test("a phone has a camera, whose picture goes into the composer", async () => {
    mockUserAgent("android");
    await openOwn();
    await click(".o-mail-Composer button[name='more-actions']");
    await contains("[name='whatsapp-camera']");
    const camera = queryOne(".o-whatsapp_omni-Composer-camera");
    expect(camera).toHaveAttribute("capture", "environment");
    await setCameraFile(camera, new File(["x"], "photo.jpg", { type: "image/jpeg" }));
    await contains(".o-mail-Composer .o-mail-AttachmentContainer");
});

test("a computer's camera is seen in a dialog, and its picture goes there, too", async () => {
    const stream = await openCamera();
    await contains(`${CAMERA}-take:focus`);
    await click(`${CAMERA}-take`);
    await contains(CAMERA, { count: 0 });
    await contains(".o-mail-Composer .o-mail-AttachmentContainer:not(.o-isUploading)");
    expect(stream.getTracks()[0].readyState).toBe("ended");
});

test("a camera that is not wanted any more is switched off", async () => {
    const stream = await openCamera();
    await click(".modal .btn-secondary", { text: "Cancel" });
    await contains(CAMERA, { count: 0 });
    expect(stream.getTracks()[0].readyState).toBe("ended");
});

test("without a camera it is said what to do", async () => {
    patchWithCleanup(browser.navigator.mediaDevices, {
        getUserMedia: () => Promise.reject(new DOMException("None", "NotFoundError")),
    });
    await openOwn();
    await openWindow("whatsapp-camera");
    await says(CAMERA, "connect a camera, and allow your browser to use it");
    await contains(`${CAMERA}-take:disabled`);
});

/** @returns {Promise<MediaStream>} what the camera gives */
async function openCamera() {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    const stream = canvas.captureStream();
    patchWithCleanup(browser.navigator.mediaDevices, { getUserMedia: async () => stream });
    await openOwn();
    await openWindow("whatsapp-camera");
    await waitFor(`${CAMERA}-video`);
    await waitUntil(() => {
        context.fillRect(0, 0, 9, 9); // a camera gives one picture after the other
        return queryFirst(`${CAMERA}-take:enabled`);
    }, PATIENCE);
    return stream;
}

async function setCameraFile(camera, file) {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    camera.files = transfer.files;
    camera.dispatchEvent(new Event("change"));
}
