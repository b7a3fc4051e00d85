# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who gets the next conversation, decided on plain data."""

import random

from odoo.tests import BaseCase

from ..tools.distribution import Agent, Wish, choose


def agents(*ids, **values):
    return [Agent(number, **values) for number in ids]


def chosen(wish, people):
    decision = choose(wish, people)
    return decision.chosen and decision.chosen.id


class TestDistributionChoice(BaseCase):
    def test_in_turn_is_who_was_given_something_longest_ago(self):
        people = [Agent(1, turn=7), Agent(2, turn=3), Agent(3, turn=5)]
        self.assertEqual(chosen(Wish("round_robin", 100), people), 2)

    def test_least_busy_counts_weights_and_takes_turns_where_equal(self):
        people = [Agent(1, load=2), Agent(2, load=1.5, turn=4), Agent(3, load=1.5)]
        self.assertEqual(chosen(Wish("least_busy", 100), people), 3)

    def test_longest_idle(self):
        people = [Agent(1, idle_since=50), Agent(2, idle_since=20, load=3)]
        self.assertEqual(chosen(Wish("longest_idle", 100), people), 2)

    def test_skills_choose_who_knows_best(self):
        people = [Agent(1, skills={7: 2}), Agent(2, skills={7: 5}), Agent(3)]
        wish = Wish("skills", 100, skills={7: 2})
        decision = choose(wish, people)
        self.assertEqual([agent.id for agent in decision.candidates], [2, 1])
        (skipped,) = decision.skipped
        self.assertEqual(skipped[1:], ("skill", 7, 2))

    def test_relaxed_skills_take_who_lacks_least(self):
        people = [Agent(1), Agent(2, skills={7: 1}), Agent(3, skills={8: 5})]
        wish = Wish("skills", 100, skills={7: 3})
        self.assertIsNone(chosen(wish, people))
        self.assertEqual(chosen(wish._replace(is_relaxed=True), people), 2)

    def test_last_agent_first_if_free(self):
        wish = Wish("round_robin", 100, last_agent=2)
        decision = choose(wish, [Agent(1), Agent(2, turn=9)])
        self.assertEqual((decision.chosen.id, decision.why), (2, "last_agent"))
        decision = choose(wish, [Agent(1), Agent(2, state="paused")])
        self.assertEqual((decision.chosen.id, decision.why), (1, "round_robin"))

    def test_reserved_is_for_one_alone_whatever_they_know(self):
        wish = Wish("skills", 100, skills={7: 3}, reserved_for=2)
        decision = choose(wish, agents(1, 2))
        self.assertEqual((decision.chosen.id, decision.why), (2, "reserved"))
        self.assertIsNone(chosen(wish, [Agent(1), Agent(2, state="offline")]))

    def test_who_is_skipped_and_why(self):
        people = [
            Agent(1, state="paused"),
            Agent(2, state="rona"),
            Agent(3, state="offline"),
            Agent(4, is_connected=False),
            Agent(5, is_wrapping_up=True),
            Agent(6),
            Agent(7, load=2),
            Agent(8, load=2, capacity=3),
        ]
        wish = Wish("round_robin", 100, capacity=2, refused_by=frozenset([6]))
        decision = choose(wish, people)
        self.assertEqual(decision.chosen.id, 8)
        self.assertEqual(
            [skipped.why for skipped in decision.skipped],
            "paused rona offline disconnected wrap_up refused full".split(),
        )

    def test_any_number_of_conversations_keeps_the_rules(self):
        """Random teams: nobody over capacity, nobody passed over, turns are fair."""
        for seed in range(200):
            rng = random.Random(seed)
            strategy = rng.choice(["round_robin", "least_busy", "longest_idle"])
            capacity = rng.choice([0, 1, 3, 7])
            team = {n: Agent(n) for n in range(1, rng.randint(2, 9))}
            got = dict.fromkeys(team, 0)
            count = rng.randint(1, 40)
            for turn in range(1, count + 1):
                decision = choose(Wish(strategy, turn, capacity), team.values())
                if decision.chosen is None:
                    self.assertTrue(
                        all(skipped.why == "full" for skipped in decision.skipped)
                    )
                    break
                number = decision.chosen.id
                team[number] = team[number].given(1, turn, turn)
                got[number] += 1
            room = capacity * len(team) if capacity else count
            self.assertEqual(sum(got.values()), min(count, room), seed)
            self.assertLessEqual(max(got.values()) - min(got.values()), 1, seed)
