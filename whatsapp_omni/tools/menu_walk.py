# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who gets a conversation: what happens at its beginning and to each answer to a menu.

Nothing here reads, writes or sends anything. The runtime carries the effects out, the
simulator shows them. A tree is anything with ``menu(id)``, which returns a
:class:`Menu`, or None for one that is gone: only the menus that a step needs are asked
for.
"""

from typing import NamedTuple

from .words import normalize

#: After so many answers that led on, somebody has to help: no walk goes on for ever.
MAX_STEPS = 40

#: What customers may write to go back, beside the words of their language.
BACK = ("0",)


class Target(NamedTuple):
    """Where an option leads. ``kind`` is queue, menu, template or action."""

    kind: str
    id: int


class Option(NamedTuple):
    id: int
    title: str
    value: str
    target: Target


class Menu(NamedTuple):
    id: int
    options: tuple[Option, ...]
    back_words: tuple[str, ...] = ()


class Position(NamedTuple):
    """Where a customer is: the menus from the first to the present one.

    ``wrong`` counts the answers in a row that were not understood, ``steps`` those that
    led on.
    """

    path: tuple[int, ...] = ()
    wrong: int = 0
    steps: int = 0

    @property
    def menu_id(self):
        return self.path[-1] if self.path else None


class Reply(NamedTuple):
    """What a customer answered: a text, or a tap that names its menu and option.

    ``option_id`` 0 is the tap on *back*. ``aside`` tells that it was hardly meant for
    the question, such as what was written before it was asked: unless it happens to
    answer it, it says nothing about it.
    """

    text: str = ""
    menu_id: int | None = None
    option_id: int | None = None
    aside: bool = False


# Effects, in the order in which they are to happen.


class Ask(NamedTuple):
    """Send the question of a menu."""

    menu_id: int


class Say(NamedTuple):
    """Send an automatic message: ``wrong`` or ``forwarding`` of a menu, ``welcome`` or
    ``after_hours`` of the line."""

    what: str
    menu_id: int | None = None


class Wait(NamedTuple):
    """Keep the conversation until the line opens."""


class Enter(NamedTuple):
    """Put the conversation into a queue. ``why``: direct, chosen, or why somebody has
    to help: wrong, timeout, lost, long, window, failed.

    Without ``queue_id`` it is the queue for those who did not choose.
    """

    queue_id: int | None
    why: str


class End(NamedTuple):
    """Send a message template and close."""

    template_id: int


class Run(NamedTuple):
    """Have a server action answer."""

    action_id: int


class Count(NamedTuple):
    """Count for the statistics. ``what``: entered, chose, gave_up."""

    menu_id: int
    option_id: int | None
    what: str


def begin(tree, position, menu_id, is_open, window_open):
    """Route a conversation that nobody has routed yet, or that waited for opening.

    :param menu_id: the line's first menu, None where all goes directly to its queue
    :return: the position and the list of effects
    """
    if not is_open:
        return position, [Say("after_hours"), Wait()]
    if not window_open:  # nothing could be asked any more
        return give_up(position, "window")
    position, _gone = _existing(tree, position)
    if position.path:
        return position, [Ask(position.menu_id)]
    if not menu_id:
        return Position(), [Say("welcome"), Enter(None, "direct")]
    position, effects = enter(tree, Position(), menu_id)
    return position, [Say("welcome"), *effects]


def enter(tree, position, menu_id):
    """Go to a menu and ask it. One that was passed already is gone back to."""
    if not tree.menu(menu_id):
        return give_up(position, "lost")
    path = position.path
    if menu_id in path:
        path = path[: path.index(menu_id)]
    position = position._replace(path=(*path, menu_id), wrong=0)
    return position, [Count(menu_id, None, "entered"), Ask(menu_id)]


def answer(tree, position, reply, max_wrong):
    """Understand a reply.

    :param int max_wrong: how often somebody who is not understood is asked again
    :return: the new position and the list of effects
    """
    position, gone = _existing(tree, position)
    if not position.path:
        return give_up(position, "lost")
    menu, option = _find_option(tree, position, reply)
    if option:
        return _choose(tree, position, menu, option)
    if _is_back(tree.menu(position.menu_id), reply):
        return _go_back(position)
    if reply.aside:
        return position, [Ask(position.menu_id)] if gone else []
    return _misunderstand(position, max_wrong)


def give_up(position, why):
    """End the walk with somebody who has to help."""
    counted = [Count(position.menu_id, None, "gave_up")] if position.path else []
    return Position(), [*counted, Enter(None, why)]


def _existing(tree, position):
    """Return the position without menus that are gone, and whether any was."""
    path = list(position.path)
    while path and not tree.menu(path[-1]):
        path.pop()
    return position._replace(path=tuple(path)), len(path) != len(position.path)


def _find_option(tree, position, reply):
    """Return the menu and the option that a reply chooses, None twice without one.

    A tap belongs to the menu that was tapped, however old it is.
    """
    if reply.menu_id:
        if reply.option_id == 0:
            return None, None
        menu = tree.menu(reply.menu_id)
        for option in menu.options if menu else ():
            if option.id == reply.option_id:
                return menu, option
    menu = tree.menu(reply.menu_id) if reply.menu_id else None
    menu = menu or tree.menu(position.menu_id)
    option = match(menu.options, reply.text)
    return (menu, option) if option else (None, None)


def match(options, text):
    """Return the option that a text names: value, title or number; None without one."""
    said = normalize(text)
    if not said:
        return None
    for option in options:
        if said in (normalize(option.value), normalize(option.title)):
            return option
    if said.isdecimal() and 0 < int(said[:4]) <= len(options):
        return options[int(said[:4]) - 1]
    return None


def _is_back(menu, reply):
    if reply.menu_id and reply.option_id == 0:
        return True
    return normalize(reply.text) in map(normalize, (*BACK, *menu.back_words))


def _go_back(position):
    """Return to the menu before; the first one is asked again."""
    if position.steps >= MAX_STEPS:
        return give_up(position, "long")
    path = position.path[:-1] or position.path
    position = Position(path, 0, position.steps + 1)
    return position, [Ask(position.menu_id)]


def _choose(tree, position, menu, option):
    counted = Count(menu.id, option.id, "chose")
    if position.steps >= MAX_STEPS:
        return give_up(position, "long")
    position = _standing_in(position, menu.id)
    kind, target_id = option.target
    if kind == "menu":
        position, effects = enter(tree, position, target_id)
        return position, [counted, *effects]
    if kind == "queue":
        return Position(), [
            counted,
            Say("forwarding", menu.id),
            Enter(target_id, "chosen"),
        ]
    if kind == "template":
        return Position(), [counted, End(target_id)]
    return position, [counted, Run(target_id), Ask(menu.id)]


def _standing_in(position, menu_id):
    """Return the position after a choice in a menu, perhaps one tapped long ago."""
    path = position.path
    if menu_id in path:
        path = path[: path.index(menu_id) + 1]
    else:
        path = (*path, menu_id)
    return Position(path, 0, position.steps + 1)


def _misunderstand(position, max_wrong):
    wrong = position.wrong + 1
    if wrong > max_wrong:
        return give_up(position, "wrong")
    menu_id = position.menu_id
    return position._replace(wrong=wrong), [Say("wrong", menu_id), Ask(menu_id)]
