# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import menu_walk as walk
from ..tools.menu_walk import Menu, Option, Position, Reply, Target
from ..tools.words import normalize

WRONG = 3


class Tree(dict):
    """Menus by id."""

    def menu(self, menu_id):
        return self.get(menu_id)


def menu(menu_id, *options, back_words=("atrás",)):
    """Return a menu with options of (title, target) or (title, target, value)."""
    return Menu(
        menu_id,
        tuple(
            Option(menu_id * 100 + index, title, "".join(value), Target(*target))
            for index, (title, target, *value) in enumerate(options, 1)
        ),
        back_words,
    )


def kinds(effects):
    return [type(effect).__name__ for effect in effects]


TREE = Tree(
    {
        1: menu(
            1,
            ("Ventas", ("menu", 2)),
            ("Atención", ("queue", 7), "soporte"),
            ("Horario", ("template", 5)),
            ("Saldo", ("action", 9)),
        ),
        2: menu(2, ("Nuevo", ("queue", 8)), ("Principio", ("menu", 1))),
    }
)


class TestMenuWalk(BaseCase):
    """What an answer to a menu means, and what follows."""

    def answer(self, position, **reply):
        return walk.answer(TREE, position, Reply(**reply), WRONG)

    def test_an_answer_is_known_by_number_value_and_title(self):
        for text in (
            "2",
            " 2. ",
            "２",
            "2️⃣",
            "Atención",
            "ATENCION",
            "*soporte*",
            "Soporte!",
        ):
            position, effects = self.answer(Position((1,)), text=text)
            self.assertEqual(position, Position(), text)
            self.assertIn(walk.Enter(7, "chosen"), effects, text)
            self.assertIn(walk.Say("forwarding", 1), effects, text)

    def test_numbers_that_no_option_has(self):
        for text in ("5", "12", "-1", "1.5", "99999999999999999999"):
            _position, effects = self.answer(Position((1,)), text=text)
            self.assertEqual(effects, [walk.Say("wrong", 1), walk.Ask(1)], text)

    def test_the_present_menu_is_repeated(self):
        position, effects = self.answer(Position((1, 2)), text="Ventas")
        self.assertEqual(effects, [walk.Say("wrong", 2), walk.Ask(2)])
        self.assertEqual(position.wrong, 1)

    def test_after_so_many_wrong_answers_somebody_helps(self):
        position = Position((1, 2))
        for _time in range(WRONG):
            position, effects = self.answer(position, text="¿?")
            self.assertIn(walk.Ask(2), effects)
        position, effects = self.answer(position, text="¿?")
        self.assertEqual(
            effects, [walk.Count(2, None, "gave_up"), walk.Enter(None, "wrong")]
        )

    def test_a_right_answer_makes_up_for_wrong_ones(self):
        position, _effects = self.answer(Position((1,), wrong=3), text="Ventas")
        self.assertEqual((position.path, position.wrong), ((1, 2), 0))

    def test_back(self):
        for reply in ({"text": "0"}, {"text": "Atras"}, {"menu_id": 2, "option_id": 0}):
            position, effects = self.answer(Position((1, 2)), **reply)
            self.assertEqual(position.path, (1,), reply)
            self.assertEqual(effects, [walk.Ask(1)])

    def test_back_in_the_first_menu_asks_it_again(self):
        position, effects = self.answer(Position((1,)), text="0")
        self.assertEqual((position.path, effects), ((1,), [walk.Ask(1)]))
        self.assertFalse(position.wrong)

    def test_a_tap_on_an_old_menu_counts_there(self):
        _position, effects = self.answer(Position((1, 2)), menu_id=1, option_id=102)
        self.assertIn(walk.Enter(7, "chosen"), effects)

    def test_a_tap_on_an_option_that_is_gone_is_known_by_its_title(self):
        _position, effects = self.answer(
            Position((1,)), text="Atención", menu_id=1, option_id=999
        )
        self.assertIn(walk.Enter(7, "chosen"), effects)

    def test_a_menu_that_is_gone_leads_to_the_one_before(self):
        position, effects = self.answer(Position((1, 33)), text="Ventas")
        self.assertEqual(position.path, (1, 2))
        self.assertIn(walk.Ask(2), effects)

    def test_all_menus_gone_lead_to_the_queue(self):
        _position, effects = self.answer(Position((33,)), text="1")
        self.assertEqual(effects, [walk.Enter(None, "lost")])

    def test_what_was_written_before_the_question_is_no_wrong_answer(self):
        position, effects = self.answer(Position((1,)), text="Hola", aside=True)
        self.assertEqual((position, effects), (Position((1,)), []))

    def test_a_file_is_no_answer(self):
        _position, effects = self.answer(Position((1,)))
        self.assertEqual(effects, [walk.Say("wrong", 1), walk.Ask(1)])

    def test_an_action_answers_and_the_menu_goes_on(self):
        position, effects = self.answer(Position((1,)), text="saldo")
        self.assertEqual(position.path, (1,))
        self.assertEqual(effects[1:], [walk.Run(9), walk.Ask(1)])

    def test_a_template_ends_it(self):
        position, effects = self.answer(Position((1,)), text="horario")
        self.assertEqual((position, effects[-1]), (Position(), walk.End(5)))


MENU_IDS = st.integers(1, 6)
TARGETS = st.one_of(
    st.tuples(st.just("menu"), st.integers(1, 8)),  # 7 and 8 do not exist
    st.tuples(st.sampled_from(["queue", "template", "action"]), st.just(1)),
)
TREES = st.dictionaries(
    MENU_IDS, st.lists(TARGETS, min_size=1, max_size=10), min_size=1
).map(
    lambda targets: Tree(
        {
            menu_id: menu(menu_id, *((f"Option {i}", t) for i, t in enumerate(of_menu)))
            for menu_id, of_menu in targets.items()
        }
    )
)
REPLIES = st.one_of(
    st.integers(-1, 11).map(lambda number: Reply(str(number))),
    st.builds(
        Reply,
        st.text(max_size=8),
        st.one_of(st.none(), st.integers(1, 8)),
        st.one_of(st.none(), st.integers(0, 812)),
        st.just(False),
    ),
    st.just(Reply("0")),
    st.just(Reply()),
)
ENDS = (walk.Enter, walk.End)


class TestEveryWalkEnds(BaseCase):
    """Whatever the tree and whatever customers write, nobody is lost."""

    @settings(max_examples=150, deadline=None, database=None)
    @given(
        tree=TREES,
        first=MENU_IDS,
        max_wrong=st.integers(0, 10),
        replies=st.lists(REPLIES, min_size=1, max_size=20),
    )
    def test_every_walk_ends(self, tree, first, max_wrong, replies):
        """It ends in a queue, a message or the fallback, in a bounded time."""
        position, effects = walk.begin(tree, Position(), first, True, True)
        steps = 0
        while not any(isinstance(effect, ENDS) for effect in effects):
            self.assertIsNotNone(tree.menu(position.menu_id))
            self.assertEqual(len(position.path), len(set(position.path)))
            self.assertEqual(effects[-1], walk.Ask(position.menu_id))
            reply = replies[steps % len(replies)]
            position, effects = walk.answer(tree, position, reply, max_wrong)
            steps += 1
            self.assertLessEqual(steps, (walk.MAX_STEPS + 1) * (max_wrong + 1))
        self.assertIsInstance(effects[-1], ENDS)
        self.assertEqual(sum(isinstance(e, ENDS) for e in effects), 1)
        self.assertEqual(position, Position())

    @settings(max_examples=100, deadline=None, database=None)
    @given(tree=TREES, changed=TREES, replies=st.lists(REPLIES, max_size=20))
    def test_a_changed_tree_strands_nobody(self, tree, changed, replies):
        """Menus that change under way still lead on, or to somebody who helps."""
        position, effects = walk.begin(tree, Position(), 1, True, True)
        if any(isinstance(effect, ENDS) for effect in effects):
            return
        for reply in [*replies, Reply("1")]:
            position, effects = walk.answer(changed, position, reply, WRONG)
            if any(isinstance(effect, ENDS) for effect in effects):
                return
            self.assertIsNotNone(changed.menu(position.menu_id))

    @settings(max_examples=200, deadline=None, database=None)
    @given(text=st.text())
    def test_any_text_can_be_understood_or_not(self, text):
        self.assertEqual(normalize(normalize(text)), normalize(text))
        found = walk.match(TREE.menu(1).options, text)
        self.assertIn(found, (None, *TREE.menu(1).options))
