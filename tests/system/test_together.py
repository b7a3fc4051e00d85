# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Colleagues at work on one customer: notes, conference, a supervisor's take-over.

Each has a window of a real browser; the customer's phone is the emulator's, which tells
what arrived there, and so what never did.
"""

import pytest
from harness.callbacks import new_phone, profile_name
from harness.waiting import wait_until
from screens import Desk, window

HEADER = ".o-whatsapp_omni-ConversationHeader"
NOTE = "She never pays in time"
WHISPER = "Offer her ten percent"


@pytest.fixture
def staffed(new_centre):
    """Yield a centre whose queue has a supervisor, Sofia."""
    centre = new_centre(0)
    admin = centre.browser("admin")
    supervisor = admin.create_user("sofia", "whatsapp_omni.group_supervisor")
    queues = admin.call("whatsapp_omni.queue", "search", [])
    admin.call(
        "whatsapp_omni.queue", "write", queues, {"supervisor_ids": [[4, supervisor]]}
    )
    return centre


class TeamDesk(Desk):
    """A desk whose people work together."""

    def note(self, text, mention=None):
        """Write a private note, by the keyboard."""
        self._page.keyboard.press("Alt+n")
        self._page.locator(".o-whatsapp_omni-NoteStrip").wait_for()
        composer = self._page.locator(".o-mail-Composer-input")
        if mention:
            composer.press_sequentially(f"@{mention}")
            suggestion = self._page.locator(".o-mail-Composer-suggestion")
            suggestion.filter(has_text=mention).click()
        composer.press_sequentially(text)
        composer.press("Enter")
        self.see_note(text)
        self._page.locator(".o-whatsapp_omni-NoteStrip-leave").click()

    def see_note(self, text):
        """Return when this is in the thread, as a note beyond doubt."""
        note = self._page.locator(".o-mail-Message.o-whatsapp_omni-note")
        note.filter(has_text=text).filter(
            has_text="Only your team sees this"
        ).wait_for()

    def see(self, text):
        self._message(text).wait_for()

    def see_line(self, text):
        """Return when the thread tells that this happened."""
        line = self._page.locator(".o-mail-NotificationMessage", has_text=text)
        line.wait_for()

    def notice(self, text, button=None):
        """Return when a notification says this; press one of its buttons."""
        notice = self._page.locator(".o_notification", has_text=text)
        notice.wait_for()
        if button:
            notice.get_by_role("button", name=button).click()

    def act(self, action):
        """Choose an action of the header, wherever it is."""
        button = self._page.locator(f"button{HEADER}-{action}")
        if not button.count():
            self._page.locator(f"{HEADER}-more").click()
            button = self._page.locator(f".o-dropdown-item{HEADER}-{action}")
        button.click()

    def ask(self, name):
        """Ask a colleague to join."""
        self.act("conference")
        dialog = self._page.locator(".o-whatsapp_omni-InviteDialog")
        dialog.get_by_role("option", name=name).click()
        dialog.wait_for(state="detached")
        self._page.locator(".o-whatsapp_omni-TogetherStrip-asked").wait_for()

    def open_colleagues(self):
        """Open the customer's conversation, which a colleague attends."""
        self._page.locator("[role=tab][data-tab=attended]").click()
        self._page.locator(".o-whatsapp_omni-ConversationList-colleagues").click()
        self._card().click()
        self._page.locator(".o-whatsapp_omni-ComposerBar-note").wait_for()

    def take_over(self):
        self.act("take-over")
        self._page.locator(".modal").get_by_role("button", name="Take over").click()
        self._page.locator(f"{HEADER}-state", has_text="Yours").wait_for()

    def is_told_who_attends(self, name):
        bar = self._page.locator(".o-whatsapp_omni-ComposerBar")
        bar.filter(has_text=f"{name} attends this conversation.").wait_for()


def test_colleagues_work_together_and_the_customer_hears_answers_only(
    staffed, chromium
):
    """A note with a mention, a conference, a whisper, a take-over.

    Whatever colleagues tell each other, the phone gets the answers and nothing else.
    """
    number = new_phone()
    name = profile_name(number)
    url = staffed.odoo.url
    with window(chromium) as first, window(chromium) as second:
        ana = TeamDesk(first, url, "ana", name)
        luis = TeamDesk(second, url, "luis", name)
        staffed.emulator.write(number, "Where is my order?")
        ana.capture("Where is my order?")

        ana.note(NOTE, mention="Luis")
        luis.notice("Ana mentioned you", "Open")
        luis.see_note(NOTE)
        luis.is_told_who_attends("Ana")
        ana.write("One moment, please")

        ana.ask("Luis")
        luis.notice("Ana asks you to join", "Join")
        luis.write("I have found it")
        ana.see("I have found it")
        luis.act("leave")
        luis.is_told_who_attends("Ana")
        ana.see_line("Luis left the conversation")

        with window(chromium) as third:
            sofia = TeamDesk(third, url, "sofia", name)
            sofia.open_colleagues()
            sofia.note(WHISPER)
            ana.notice("Supervisor Sofia, only to you")
            ana.see_note(WHISPER)
            sofia.take_over()
            ana.notice("Sofia took over this conversation.")
            ana.is_told_who_attends("Sofia")
            sofia.write("It arrives tomorrow")

    wait_until(lambda: len(staffed.emulator.sent(number)) == 3, what="three answers")
    assert staffed.emulator.sent_texts(number) == [
        "One moment, please",
        "*Luis:*\nI have found it",
        "It arrives tomorrow",
    ]
    traffic = str(staffed.emulator.requests())
    assert NOTE not in traffic
    assert WHISPER not in traffic
