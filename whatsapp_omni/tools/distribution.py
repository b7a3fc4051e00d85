# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who gets the next conversation: plain data in, a decision and its reasons out.

Nothing here reads or writes anything. Moments are seconds since any one point in time.
"""

from typing import NamedTuple

#: Loads are sums of weights, which people may write with a fraction.
_TOLERANCE = 1e-6


class Agent(NamedTuple):
    """An agent as a decision sees them.

    ``turn`` grows each time they are given something; ``idle_since`` is when a
    conversation of theirs last began or ended, 0 for never; ``capacity`` is their own,
    0 when the queues tell; ``skills`` maps the ids of skills to levels.
    """

    id: int
    state: str = "available"
    is_connected: bool = True
    is_wrapping_up: bool = False
    load: float = 0
    capacity: int = 0
    turn: int = 0
    idle_since: float = 0
    skills: dict[int, int] = {}

    def given(self, weight, turn, now):
        """Return this agent after they got a conversation."""
        return self._replace(load=self.load + weight, turn=turn, idle_since=now)


class Wish(NamedTuple):
    """A conversation that waits, and how its queue wants it to be given.

    ``capacity`` is what the queue tells, 0 for no limit. ``skills`` maps what is
    required to levels; ``is_relaxed`` when somebody with less will do. ``refused_by``
    had it already and did not want it. ``reserved_for`` is the only one who may have
    it, ``last_agent`` whom its customer had last.
    """

    strategy: str
    now: float
    capacity: int = 0
    weight: float = 1
    skills: dict[int, int] = {}
    is_relaxed: bool = False
    refused_by: frozenset[int] = frozenset()
    reserved_for: int | None = None
    last_agent: int | None = None


class Skipped(NamedTuple):
    """An agent who could not have it. ``skill`` and ``level`` tell what they lack."""

    agent: Agent
    why: str
    skill: int | None = None
    level: int | None = None


class Decision(NamedTuple):
    """``why`` is reserved, last_agent or the strategy, None when nobody gets it.

    ``candidates`` are all who could, the best one first.
    """

    chosen: Agent | None
    why: str | None
    candidates: list[Agent]
    skipped: list[Skipped]


def choose(wish, agents):
    """Decide who gets a conversation.

    :param agents: all who might
    :rtype: Decision
    """
    candidates, skipped = [], []
    for agent in agents:
        hindrance = _hindrance(wish, agent)
        if hindrance:
            skipped.append(hindrance)
        else:
            candidates.append(agent)
    candidates.sort(key=_KEYS[wish.strategy](wish))
    if not candidates:
        return Decision(None, None, [], skipped)
    why = wish.strategy
    if wish.reserved_for:
        why = "reserved"
    elif any(agent.id == wish.last_agent for agent in candidates):
        candidates.sort(key=lambda agent: agent.id != wish.last_agent)
        why = "last_agent"
    return Decision(candidates[0], why, candidates, skipped)


def has_room(agent, capacity, weight):
    """Tell whether an agent may be given a conversation of that weight.

    :param capacity: what the queue tells, 0 for no limit
    """
    limit = agent.capacity or capacity
    return not limit or agent.load + weight <= limit + _TOLERANCE


def is_free(agent):
    """Tell whether an agent takes conversations, room and knowledge left aside."""
    return (
        agent.state == "available" and agent.is_connected and not agent.is_wrapping_up
    )


def _hindrance(wish, agent):
    why = None
    if wish.reserved_for and agent.id != wish.reserved_for:
        why = "reserved"
    elif agent.state != "available":
        why = agent.state
    elif not agent.is_connected:
        why = "disconnected"
    elif agent.is_wrapping_up:
        why = "wrap_up"
    elif agent.id in wish.refused_by:
        why = "refused"
    elif not has_room(agent, wish.capacity, wish.weight):
        why = "full"
    if why:
        return Skipped(agent, why)
    return None if wish.reserved_for else _lacking(wish, agent)


def _lacking(wish, agent):
    if wish.strategy != "skills" or wish.is_relaxed:
        return None
    for skill, level in wish.skills.items():
        if agent.skills.get(skill, 0) < level:
            return Skipped(agent, "skill", skill, level)
    return None


# Whoever was given something longest ago wins where all else is equal.


def _in_turn(_wish):
    return lambda agent: (agent.turn, agent.id)


def _least_busy(_wish):
    return lambda agent: (agent.load, agent.turn, agent.id)


def _longest_idle(_wish):
    return lambda agent: (agent.idle_since, agent.turn, agent.id)


def _most_skilled(wish):
    """Prefer who lacks least, then who knows most, then who is least busy."""

    def key(agent):
        levels = [
            (agent.skills.get(skill, 0), level) for skill, level in wish.skills.items()
        ]
        fitting = sum(min(known, level) for known, level in levels)
        knowing = sum(known for known, _level in levels)
        return (-fitting, -knowing, agent.load, agent.turn, agent.id)

    return key


_KEYS = {
    # Of a manual queue only what is reserved is given, to one agent.
    "manual": _in_turn,
    "round_robin": _in_turn,
    "least_busy": _least_busy,
    "longest_idle": _longest_idle,
    "skills": _most_skilled,
}
