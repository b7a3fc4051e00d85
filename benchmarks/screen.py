"""The agent's screen: from the callback to the bubble, from Enter to the provider.

Page and benchmark share the machine, hence its clock.
"""

import contextlib
import itertools
import threading
import time

from tools import browser

from . import payloads, report, rig
from .load import percentile
from .measures import audiences

MS = 1000
PAGE_TIMEOUT_MS = 60_000
# Milliseconds between two messages of a brisk chat.
PACE = 300
COMPOSER = ".o-mail-Composer-input"

# Notes when the bus hands the page a text, when that is first seen in the thread,
# and when Enter is pressed.
OBSERVER = """
() => {
    window.benchTold = {};
    const { bus_service: bus } = odoo.__WOWL_DEBUG__.root.env.services;
    bus.subscribe("discuss.channel/new_message", (payload) => {
        for (const match of JSON.stringify(payload).matchAll(/in-bench-\\d+/g)) {
            window.benchTold[match[0]] ??= Date.now();
        }
    });
    window.benchSeen = {};
    window.benchEnter = {};
    const thread = document.querySelector(".o-mail-Thread");
    // not innerText, which would have the page laid out once more
    const look = () => {
        for (const match of thread.textContent.matchAll(/in-bench-\\d+/g)) {
            window.benchSeen[match[0]] ??= Date.now();
        }
    };
    new MutationObserver(look).observe(thread, { childList: true, subtree: true });
    document.addEventListener(
        "keydown",
        (event) => {
            if (event.key === "Enter") {
                window.benchEnter[event.target.value] = Date.now();
            }
        },
        true
    );
}
"""


def screen(bench, quick):
    """Messages of a customer whose conversation an agent has open, and the answers."""
    count = 8 if quick else 25
    agent = rig.AGENTS[1 % len(rig.AGENTS)]
    customer = bench.crowd[0]  # the first of all is the hot one, of the first agent
    with rig.new_emulator() as emulator, browser.chromium() as chromium:
        bench.use_provider(emulator.url, 1000)
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PAGE_TIMEOUT_MS)
        _open_conversation(page, bench, agent, customer)
        for audience, customers in audiences(bench, quick).items():
            setting = bench.setting(audience)
            with _others_writing(bench, customers[1:]):
                yield from _arrivals(page, bench, setting, customer, count)
                yield from _answers(page, bench, setting, emulator, count)


@contextlib.contextmanager
def _others_writing(bench, customers):
    """Have other customers, if there are any, write three messages a second."""
    done, order = threading.Event(), itertools.cycle(customers)

    def write():
        while customers and not done.wait(1 / 3):
            bench.run([next(order).message()])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _open_conversation(page, bench, login, customer):
    page.goto(f"{bench.odoo.url}/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector(".o_main_navbar")
    page.goto(f"{bench.odoo.url}/odoo/whatsapp/{customer.conversation}")
    page.wait_for_selector(COMPOSER)
    page.wait_for_selector(".o-mail-Message")
    page.evaluate(OBSERVER)
    # The first message proves that the page listens to the bus.
    _deliver(page, bench, customer, "in-bench-0")


def _deliver(page, bench, customer, text):
    """Deliver a message; return the seconds until the page is told, and shows it."""
    body = payloads.encode(payloads.message(customer.phone, text))
    began = time.time()
    bench.run([(rig.CALLBACK, body)])
    page.wait_for_function("(text) => window.benchSeen[text]", arg=text)
    moments = page.evaluate(
        "(text) => [window.benchTold[text], window.benchSeen[text]]", text
    )
    return [moment / MS - began for moment in moments]


def _arrivals(page, bench, setting, customer, count):
    arrivals = []
    for _ in range(count):
        text = f"in-bench-{time.monotonic_ns()}"
        arrivals.append(_deliver(page, bench, customer, text))
        page.wait_for_timeout(PACE)
    told, delays = zip(*arrivals, strict=True)
    where = {"number": "5", "setting": setting, "unit": "ms"}
    yield report.inform(
        what="callback → agent's page told by the bus, p50",
        value=percentile(told, 50) * MS,
        **where,
    )
    yield from _delays("callback → agent's screen", delays, 200, where)


def _answers(page, bench, setting, emulator, count):
    delays = []
    for _ in range(count):
        text = f"out-bench-{time.monotonic_ns()}"
        page.fill(COMPOSER, text)
        page.press(COMPOSER, "Enter")
        wanted = {"what": "sent", "match": {"message.text": text}}
        sent = emulator.call("POST", "wait", wanted)["matched"][-1]
        pressed = page.evaluate("(text) => window.benchEnter[text]", text)
        delays.append(sent["time"] - pressed / MS)
        page.wait_for_timeout(PACE)
    where = {"number": "12", "setting": setting, "unit": "ms"}
    yield from _delays("Enter → request at the provider", delays, 150, where)


def _delays(what, seconds, limit, where):
    """Report the median, which has a target in milliseconds, and who waits longest."""
    middle, longest = percentile(seconds, 50) * MS, percentile(seconds, 95) * MS
    yield report.at_most(limit, what=f"{what}, p50", value=middle, **where)
    yield report.inform(what=f"{what}, p95", value=longest, **where)
