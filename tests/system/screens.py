# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people see and press in a real browser: the agent's desk, the customer's phone.

Nothing here reloads a page: what happens elsewhere must come to it by itself.
"""

import re
from contextlib import contextmanager, nullcontext
from pathlib import Path

from harness.callbacks import profile_name

WAIT_MS = 60_000
SCREEN = {"width": 1280, "height": 800}
#: A phone in the hand.
PHONE_SCREEN = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
#: Colours of the ticks.
GREY, BLUE = "grey", "blue"
CARD = ".o-whatsapp_omni-ConversationCard"
BAR = ".o-whatsapp_omni-ComposerBar"
LOADED = "image => image.decode().then(() => image.naturalWidth)"


@contextmanager
def window(chromium, **device):
    """Open a window of its own; afterwards nothing may have gone wrong in it.

    It must not load its page anew once :func:`mark` was called.

    :param device: options of Playwright's context, for what is no computer's screen
    """
    context = chromium.new_context(**{"viewport": SCREEN, "locale": "en-US", **device})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.set_default_navigation_timeout(WAIT_MS)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda note: note.type == "error" and problems.append(note.text))
    try:
        yield page
        assert page.evaluate("window.sinceTheBeginning"), "the page was loaded anew"
        assert problems == []
    finally:
        context.close()


def mark(page):
    """Remember that this page has been there from now on."""
    page.evaluate("window.sinceTheBeginning = true")


def width_of(picture):
    """Return the width of a picture, in its own pixels, once it is loaded."""
    picture.wait_for()
    return picture.evaluate(LOADED)


def sign_in(page, url, login, path):
    """Sign in and go to a page of Odoo."""
    page.goto(f"{url}/web/login?redirect={path}")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.press("input[name=password]", "Enter")


class Desk:
    """The screen of an agent, who talks with one customer.

    :param name: the customer's name
    """

    def __init__(self, page, url, login, name):
        self._page = page
        self._name = name
        sign_in(page, url, login, "/odoo/whatsapp")
        page.wait_for_selector(".o-whatsapp_omni-ConversationList [role=tablist]")
        mark(page)

    def _card(self, text=None):
        card = self._page.locator(".o-whatsapp_omni-ConversationCard").filter(
            has_text=self._name
        )
        return card.filter(has_text=text) if text else card

    def _message(self, text):
        return self._page.locator(".o-mail-Message").filter(has_text=text)

    def capture(self, text):
        """Take the customer who wrote this, as soon as the card is there."""
        card = self._card(text)
        card.locator(".o-whatsapp_omni-ConversationCard-capture").click()
        self._page.wait_for_selector(".o-mail-Composer-input:focus")
        self._message(text).last.wait_for()

    def open(self):
        """Open the customer's conversation, which is the agent's own."""
        self._page.locator("[role=tab][data-tab=attended]").click()
        self._card().click()
        self._page.locator(".o-whatsapp_omni-ConversationHeader").wait_for()

    def is_listed(self):
        """Return whether the customer is on the shown list by now."""
        return self._card().count() > 0

    def waits_for_opening(self, waits=True):
        """Return once the customer's card says so, or no longer does."""
        self._card().locator(f"{CARD}-opening").wait_for(
            state="visible" if waits else "detached"
        )

    def shows(self, *texts):
        """Return when all these messages are in the transcript."""
        for text in texts:
            self._message(text).first.wait_for()

    def wait_for_new(self, text):
        """Return when the customer waits with this text, for anybody to take it."""
        self._page.locator("[role=tab][data-tab=new]").click()
        card = self._card(text)
        card.locator(".o-whatsapp_omni-ConversationCard-capture").wait_for()

    def write(self, text):
        """Answer with a text; files that are in the composer go with it."""
        composer = self._page.locator(".o-mail-Composer-input")
        composer.fill(text)
        composer.press("Enter")
        self._message(text).wait_for()

    def send(self, path, caption):
        """Answer with a file."""
        # Odoo draws the first page of a PDF and keeps it: a post in the same moment
        # would be repeated, which is right, but logged as an error.
        drawn = (
            self._page.expect_response("**/mail/attachment/update_thumbnail")
            if path.suffix == ".pdf"
            else nullcontext()
        )
        with drawn:
            with self._page.expect_file_chooser() as chooser:
                self.open_menu("upload-files")
            chooser.value.set_files(path)
            self._page.wait_for_selector(
                ".o-mail-Composer .o-mail-AttachmentContainer:not(.o-isUploading)"
            )
        self.write(caption)

    def ticks(self, text, state):
        """Return number and colour of a message's ticks once they show this state."""
        status = self._message(text).locator(
            f".o-whatsapp_omni-MessageStatus[data-state={state}]"
        )
        status.wait_for()
        color = status.evaluate("element => getComputedStyle(element).color")
        red, green, blue = map(int, re.findall(r"\d+", color)[:3])
        return status.locator(".fa-check").count(), BLUE if blue > red + 99 else GREY

    def trouble(self, text):
        """Return what is said below a message that failed."""
        trouble = self._message(text).locator(".o-whatsapp_omni-MessageTrouble")
        trouble.wait_for()
        return trouble.inner_text()

    def retry(self, text):
        """Send a message again that failed."""
        self._message(text).locator(".o-whatsapp_omni-MessageTrouble-retry").click()

    def may_retry(self, text):
        """Return whether a message that failed can be sent again."""
        retry = ".o-whatsapp_omni-MessageTrouble-retry"
        return self._message(text).locator(retry).count() > 0

    def photo_width(self, caption):
        """Return the width of the photo with this caption."""
        return width_of(self._message(caption).locator("img.o-mail-AttachmentImage"))

    def download(self, name):
        """Return the bytes of the document of this name."""
        box = self._page.locator(f".o-mail-AttachmentContainer[aria-label='{name}']")
        box.hover()
        with self._page.expect_download() as download:
            box.locator("button[title=Download]").click()
        return Path(download.value.path()).read_bytes()

    def photograph(self, caption):
        """Take a photo with the camera of the computer, and send it."""
        self.open_menu("whatsapp-camera")
        self._page.locator(".o-whatsapp_omni-CameraDialog-take:enabled").click()
        self._page.wait_for_selector(
            ".o-mail-Composer .o-mail-AttachmentContainer:not(.o-isUploading)"
        )
        self.write(caption)

    def record(self):
        """Record a good second of what the microphone hears, and send it."""
        self.open_menu("voice-start")
        recorder = self._page.locator(".o-mail-Composer .o-mail-VoiceRecorder")
        recorder.filter(has_text=re.compile("00 : 0[1-9]")).click()
        self._page.wait_for_selector(
            ".o-mail-Composer .o-mail-AttachmentContainer:not(.o-isUploading)"
        )
        self._page.locator(".o-mail-Composer-input").press("Enter")

    def play_voice(self):
        """Play the voice message in the thread to its end."""
        player = self._page.locator(".o-mail-Message .o-mail-VoicePlayer")
        # the length is there once the recording is fetched and understood
        player.filter(has_text=re.compile("00 : 0[1-9]")).wait_for()
        player.get_by_title("Play").click()
        player.get_by_title("Repeat").wait_for()

    def open_menu(self, action):
        """Choose something of the composer's menu."""
        self._page.locator(".o-mail-Composer button[name=more-actions]").click()
        self._page.locator(f"button[name={action}]").click()

    def ask(self, question, rows, opener):
        """Ask with a list that is built on the spot."""
        self.open_menu("whatsapp-question")
        dialog = self._page.locator(".o-whatsapp_omni-QuestionDialog")
        dialog.locator(".o-whatsapp_omni-QuestionDialog-list").click()
        dialog.get_by_label("Question", exact=True).fill(question)
        for number, (title, description) in enumerate(rows):
            if number > 1:
                dialog.get_by_role("button", name="Add a row").click()
            dialog.get_by_label("Row", exact=True).nth(number).fill(title)
            dialog.get_by_label("Description").nth(number).fill(description)
        dialog.get_by_label("Button that opens the list").fill(opener)
        dialog.locator(".o-whatsapp_omni-WhatsappPreview-row").nth(
            len(rows) - 1
        ).wait_for()
        dialog.locator(".o-whatsapp_omni-QuestionDialog-send:enabled").click()
        dialog.wait_for(state="detached")
        self._message(question).wait_for()

    def wait_for(self, text):
        """Return when a message that begins with this text is in the thread."""
        bodies = self._page.locator(".o-mail-Message-body")
        bodies.filter(has_text=re.compile(rf"^\s*{re.escape(text)}")).wait_for()

    def send_later(self, text):
        """Write a text that is to leave in an hour; return when it is kept."""
        self._page.locator(".o-mail-Composer-input").fill(text)
        self.open_menu("whatsapp-send-later")
        dialog = self._page.locator(".o-whatsapp_omni-ParkDialog")
        dialog.get_by_role("button", name="In 1 hour").click()
        dialog.locator(".o-whatsapp_omni-ParkDialog-save:enabled").click()
        dialog.wait_for(state="detached")
        self._later(text).wait_for()

    def _later(self, text):
        return self._page.locator(".o-whatsapp_omni-ParkedReplies-reply", has_text=text)

    def wait_for_leaving(self, text):
        """Return when what was kept is in the thread, and kept no longer."""
        self._later(text).wait_for(state="detached")
        self._message(text).wait_for()

    def new_conversation(self, number):
        """Begin to write to somebody unknown; return the dialog's templates."""
        self._page.locator(".o-whatsapp_omni-ConversationList-start").click()
        dialog = self._page.locator(".o-whatsapp_omni-StartDialog")
        picker = ".o-whatsapp_omni-PersonPicker"
        dialog.locator(f"{picker}-search").fill(f"+{number}")
        dialog.locator(f"{picker}-create").click()
        dialog.locator(f"{picker}-use:enabled").click()
        dialog.locator(f"{picker}-chosen").wait_for()
        return TemplateChoice(dialog)

    def park(self, text):
        """Park a reply; return the templates to ask the customer with."""
        dialog = self._page.locator(".o-whatsapp_omni-ParkDialog")
        self._page.locator(f"{BAR}[data-state=window] {BAR}-park").click()
        dialog.locator("textarea").fill(text)
        dialog.get_by_role("button", name="Park", exact=True).click()
        self._parked(text).wait_for()
        return TemplateChoice(self._page.locator(".o-whatsapp_omni-MessagePicker"))

    def _parked(self, text):
        return self._page.locator(".o-whatsapp_omni-ParkedReplies-text", has_text=text)

    def waits_for_answer(self, text):
        """Return when the template is on its way, and this reply waits."""
        self._page.locator(BAR, has_text="The template is sent").wait_for()
        self._parked(text).wait_for()

    def is_told_of_answer(self, text):
        """Return when the agent is told of it, and the parked reply has left."""
        told = f"{self._name} has answered"
        self._page.locator(".o_notification", has_text=told).wait_for()
        self._parked(text).wait_for(state="detached")
        self._page.locator(".o-mail-Composer-input").wait_for()

    def close(self, result):
        """Close the conversation with a result; return when it is off the list."""
        dialog = self._page.locator(".o-whatsapp_omni-CloseDialog")
        self._page.locator(".o-whatsapp_omni-ConversationHeader-close").click()
        dialog.get_by_role("option", name=result).click()
        dialog.locator(".o-whatsapp_omni-CloseDialog-confirm:enabled").click()
        dialog.wait_for(state="detached")
        self._card().wait_for(state="detached")


class TemplateChoice:
    """The approved templates in a dialog of the desk."""

    def __init__(self, dialog):
        self._dialog = dialog

    def _template(self, name):
        return self._dialog.locator(f"[role=option][data-name={name}]")

    def offers(self, name):
        """Return whether a template is offered; others must be."""
        self._dialog.locator("[role=option][data-name]").first.wait_for()
        return self._template(name).count() > 0

    def choose(self, name, *values):
        """Choose a template and fill in its values."""
        self._template(name).first.click()
        fields = self._dialog.locator(".o-whatsapp_omni-TemplateFill-value")
        for position, value in enumerate(values):
            fields.nth(position).fill(value)

    def upload(self, path):
        """Choose the picture above the text; return its width in the preview."""
        self._dialog.locator(".o_file_input input[type=file]").set_input_files(path)
        self._dialog.get_by_text(path.name).wait_for()
        return self.picture_width()

    def picture_width(self):
        """Return the width of the picture in the preview."""
        preview = self._dialog.locator(".o-whatsapp_omni-WhatsappPreview")
        return width_of(preview.locator("img"))

    def preview(self):
        """Return the text as the customer will read it."""
        return self._dialog.locator(
            ".o-whatsapp_omni-WhatsappPreview-body"
        ).inner_text()

    def send(self):
        """Send it; return when the dialog is gone."""
        self._dialog.get_by_role("button", name="Send", exact=True).click()
        self._dialog.wait_for(state="detached")

    def cancel(self):
        """Leave without sending."""
        self._dialog.get_by_role("button", name="Cancel").click()
        self._dialog.wait_for(state="detached")


class TemplateList:
    """The screen of a supervisor with all approved templates."""

    def __init__(self, page, url, login):
        self._page = page
        sign_in(page, url, login, "/odoo/whatsapp-approved-templates")
        page.get_by_role("button", name="Synchronise").wait_for()
        mark(page)

    def synchronise(self):
        """Press the button; return when Odoo says that all is up to date."""
        self._page.get_by_role("button", name="Synchronise").click()
        told = self._page.locator(".o_notification", has_text="up to date")
        told.locator(".o_notification_close").click()
        told.wait_for(state="detached")

    def _switch(self, name, state=""):
        row = self._page.locator(".o_data_row").filter(has_text=name)
        return row.locator(f".o_boolean_toggle input{state}")

    def switch(self, name):
        """Switch a template off or on."""
        self._switch(name).click()

    def is_on(self, name):
        """Return how the switch of a template stands."""
        return self._switch(name).is_checked()


class Phone:
    """The emulator's page, on which one customer holds a phone in the hand."""

    def __init__(self, page, url, number):
        self._page = page
        self._number = number
        page.goto(url)
        page.wait_for_selector(".live.on")
        mark(page)
        page.get_by_role("button", name="Add a phone").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Profile name").fill(profile_name(number))
        dialog.get_by_label("Number", exact=False).first.fill(f"+{number}")
        dialog.get_by_role("button", name="Add", exact=True).click()
        page.locator(".chat-head", has_text=profile_name(number)).wait_for()

    def _line(self, whose, text):
        return self._page.locator(f".line.{whose}", has_text=text)

    def write(self, text):
        """Write to the centre; return when it has got the message."""
        self._page.get_by_role("textbox", name="Message").fill(text)
        self._page.keyboard.press("Enter")
        self._line("mine", text).locator(".ticks.delivered").wait_for()

    def answer(self, text):
        """Return when this answer is on the screen."""
        self._line("theirs", text).wait_for()

    def tap(self, question, title):
        """Tap a button under a question of the centre."""
        taps = self._line("theirs", question).locator(".taps")
        taps.get_by_role("button", name=title).click()

    def choose(self, question, opener, title):
        """Open the list under a question of the centre, and choose from it."""
        self.tap(question, opener)
        self._page.get_by_role("dialog").get_by_role("button", name=title).click()

    def shows(self, text):
        """Return when what the customer wrote elsewhere is on the screen."""
        self._line("mine", text).wait_for()

    def look_away(self):
        """Look at another phone: what comes is not read."""
        self._page.locator(
            f".phone-row:not([data-phone='{self._number}'])"
        ).first.click()
        self._page.get_by_text("No messages yet.").wait_for()

    def look_back(self):
        """Look at the chat again, and so read what is new in it."""
        self._page.locator(f".phone-row[data-phone='{self._number}']").click()

    def send(self, menu_item, path, caption=""):
        """Send a file, chosen by an item of the menu."""
        self._page.get_by_role("textbox", name="Message").fill(caption)
        with self._page.expect_file_chooser() as chooser:
            self._page.get_by_role("button", name="Attach").click()
            self._page.get_by_role("menuitem", name=menu_item).click()
        chooser.value.set_files(path)

    def picture_width(self, text):
        """Return the width of the picture above a text of the centre."""
        return width_of(self._line("theirs", text).locator(".picture img"))

    def voice_seconds(self):
        """Return how long the voice message of the centre is, once it can be played."""
        audio = self._page.locator(".line.theirs audio")
        audio.wait_for()
        return audio.evaluate(
            "async audio => { await audio.play(); return audio.duration; }"
        )

    def link(self, text, title):
        """Return the address of a button under a text of the centre."""
        button = self._line("theirs", text).get_by_role("link", name=title)
        return button.get_attribute("href")

    def photo_width(self, caption):
        """Return the width of the photo with this caption."""
        return width_of(self._page.get_by_role("img", name=caption))

    def download(self, name):
        """Return the bytes of the document of this name."""
        with self._page.expect_download() as download:
            self._page.get_by_role("link", name=name).click()
        return Path(download.value.path()).read_bytes()
