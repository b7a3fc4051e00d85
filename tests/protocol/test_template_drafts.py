# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Meta's rules, checked before a template is submitted, and its form."""

import dataclasses
import json

import pytest

from gupshup import template_drafts, template_text
from gupshup.template_drafts import RULES, SUBJECTS, Draft, problems
from gupshup.templates import TemplateButton

REPLY = TemplateButton(type="QUICK_REPLY", text="Sí")
LINK = TemplateButton(type="URL", text="Ver", url="https://example.com/v/{{1}}")
CALL = TemplateButton(type="PHONE_NUMBER", text="Llamar", phone="+34 600 11 12 22")

GOOD = Draft(
    name="visit_reminder",
    language="es",
    category="UTILITY",
    header_kind="text",
    header="Cita de {{1}}",
    body="Hola {{1}}, te esperamos el {{2}}.",
    footer="Acme",
    buttons=(REPLY, LINK, CALL),
    samples={
        ("header", "1"): "Lucía",
        ("body", "1"): "Lucía",
        ("body", "2"): "lunes",
        ("button", "2"): "7",
    },
)


def changed(**members):
    return dataclasses.replace(GOOD, **members)


def replies(*labels):
    return tuple(TemplateButton(type="QUICK_REPLY", text=label) for label in labels)


def link(url, text="Ver"):
    return TemplateButton(type="URL", text=text, url=url)


def test_good_draft_breaks_no_rule():
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"name": ""}, "empty"),
        ({"name": "x" * 181}, "too_long"),
        ({"name": "Visit"}, "name"),
        ({"name": "visit reminder"}, "name"),
        ({"name": "visita_médica"}, "name"),
        ({"name": "visit-reminder"}, "name"),
        ({"language": ""}, "language"),
        ({"language": "es_ES_x"}, "language"),
        ({"language": "spanish"}, "language"),
        ({"category": ""}, "category"),
        ({"category": "AUTHENTICATION"}, "category"),
        ({"header": ""}, "empty"),
        ({"header": "x" * 61}, "too_long"),
        ({"header": "a\nb"}, "one_line"),
        ({"header": "{{1}} y {{2}}"}, "header_variables"),
        ({"header": "Cita *importante*"}, "header_marks"),
        ({"header": "Cita 🎉"}, "header_marks"),
        ({"header": "Cita {{2}}"}, "numbers"),
        ({"header_kind": "image"}, "no_sample_file"),
        ({"body": " \n"}, "empty"),
        ({"body": "x" * 1025}, "too_long"),
        ({"body": "{{1}}, te esperamos el {{2}} aquí"}, "edge"),
        ({"body": "Te esperamos, {{1}}, el {{2}}"}, "edge"),
        ({"body": "Hola {{1}} {{2}}."}, "adjacent"),
        ({"body": "Hola {{1}}{{2}}."}, "adjacent"),
        ({"body": "Hola {{1}}, el {{3}}."}, "numbers"),
        ({"body": "Hola {{2}}, el {{3}}."}, "numbers"),
        ({"body": "Hola {{name}}, el {{1}}."}, "numbers"),
        ({"body": "Hola {{1}}, el {{2}}.\n\n\nAdiós."}, "line_breaks"),
        ({"body": "Hola     {{1}}, el {{2}}."}, "spaces"),
        ({"body": "Hola\t{{1}}, el {{2}}."}, "spaces"),
        ({"body": "Hola {{1}}, el {{2}."}, "braces"),
        ({"body": "Hola {{}}, {{1}} el {{2}}."}, "braces"),
        ({"body": "Hola {{my name}}, {{1}} el {{2}}."}, "braces"),
        ({"footer": "x" * 61}, "too_long"),
        ({"footer": "a\nb"}, "one_line"),
        ({"footer": "De {{1}}"}, "no_variables"),
        ({"buttons": replies(*map(str, range(11)))}, "too_many_buttons"),
        ({"buttons": (link("https://a.es", "a"),) * 3}, "too_many_buttons"),
        ({"buttons": (CALL, CALL)}, "too_many_buttons"),
        ({"buttons": replies("Sí", "sí")}, "same_button"),
        ({"buttons": (*replies("a"), CALL, *replies("b"))}, "mixed_buttons"),
        ({"buttons": replies("")}, "empty"),
        ({"buttons": replies("x" * 26)}, "too_long"),
        ({"buttons": replies("Hola {{1}}")}, "no_variables"),
        ({"buttons": (TemplateButton(type="FLOW", text="x"),)}, "button_kind"),
        ({"buttons": (link(""),)}, "url"),
        ({"buttons": (link("example.com"),)}, "url"),
        ({"buttons": (link("javascript:alert(1)"),)}, "url"),
        ({"buttons": (link("https://example.com/{{1}}/x"),)}, "url"),
        ({"buttons": (link("https://example.com/{{1}}{{2}}"),)}, "url"),
        ({"buttons": (link("https://{{1}}"),)}, "url"),
        ({"buttons": (link("https://example.com/a b"),)}, "url"),
        ({"buttons": (link("https://example.com/" + "x" * 2000),)}, "too_long"),
        ({"buttons": (dataclasses.replace(CALL, phone="600111222"),)}, "phone"),
        ({"buttons": (dataclasses.replace(CALL, phone="+" + "1" * 21),)}, "phone"),
        ({"samples": {}}, "sample"),
        ({"samples": GOOD.samples | {("body", "2"): " "}}, "sample"),
        ({"samples": GOOD.samples | {("button", "2"): ""}}, "sample"),
        ({"samples": GOOD.samples | {("body", "2"): "a\nb"}}, "sample_line"),
    ],
)
def test_broken_rule_is_told(members, code):
    found = problems(changed(**members))
    assert code in [problem.code for problem in found]
    # Each text has all its values, and names a part that can be translated.
    for problem in found:
        assert str(problem)
        assert problem.params.get("what", SUBJECTS[0]) in SUBJECTS


def test_every_rule_has_its_text():
    assert all(RULES[code].endswith((".", "}")) for code in RULES)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Hola {{first_name}}, el {{day}}.", []),
        ("Hola {{FirstName}}.", ["names"]),
        ("Hola {{1}}.", ["names"]),
        ("Hola {{_x}}.", ["names"]),
    ],
)
def test_named_variables(body, expected):
    names = template_text.variables(body)
    draft = changed(
        parameter_format="NAMED",
        header_kind="",
        buttons=(),
        body=body,
        samples={("body", name): "x" for name in names},
    )
    assert [problem.code for problem in problems(draft)] == expected


@pytest.mark.parametrize(
    "buttons",
    [
        (),
        replies(*map(str, range(10))),
        (*replies("a", "b"), link("https://a.es/x"), CALL),
        (link("https://a.es/x"), CALL, *replies("a", "b")),
        (link("https://a.es/{{1}}"),),
        (link("http://a.es?q={{1}}"),),
    ],
)
def test_mixes_of_buttons_that_meta_takes(buttons):
    samples = GOOD.samples | {("button", "1"): "7"}
    assert problems(changed(buttons=buttons, samples=samples)) == []


def test_form_of_a_text_template():
    form = template_drafts.fields(GOOD)
    assert json.loads(form.pop("buttons")) == [
        {"type": "QUICK_REPLY", "text": "Sí"},
        {
            "type": "URL",
            "text": "Ver",
            "url": "https://example.com/v/{{1}}",
            "example": ["https://example.com/v/7"],
        },
        {"type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+34600111222"},
    ]
    assert form == {
        "elementName": "visit_reminder",
        "languageCode": "es",
        "category": "UTILITY",
        "templateType": "TEXT",
        "vertical": "visit_reminder",
        "content": "Hola {{1}}, te esperamos el {{2}}.",
        "example": "Hola Lucía, te esperamos el lunes.",
        "enableSample": "true",
        "parameterFormat": "POSITIONAL",
        "allowTemplateCategoryChange": "true",
        "header": "Cita de {{1}}",
        "exampleHeader": "Cita de Lucía",
        "footer": "Acme",
    }


def test_form_of_a_template_with_media():
    form = template_drafts.fields(
        changed(
            header_kind="image",
            buttons=(),
            has_media=True,
            media_id="14",
            media_url="https://example.com/h.jpg",
        )
    )
    assert form["templateType"] == "IMAGE"
    assert (form["mediaId"], form["mediaUrl"]) == ("14", "https://example.com/h.jpg")
    assert "header" not in form
    assert "buttons" not in form


# Variables


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (None, []),
        ("Hola", []),
        ("{{1}} {{2}} {{1}}", ["1", "2"]),
        ("{{10}} {{2}} {{1}}", ["1", "2", "10"]),
        ("{{ day }} {{name}}", ["day", "name"]),
        ("{1} {{}} {{a b}}", []),
    ],
)
def test_variables_in_the_order_of_their_values(text, expected):
    assert template_text.variables(text) == expected


def test_filling():
    fill = template_text.filled
    assert fill("Hola {{1}}, {{ 2 }}, {{1}}", {"1": "{{2}}", "2": "x"}) == (
        "Hola {{2}}, x, {{2}}"
    )
    assert fill("Hola {{1}}", {}) == "Hola {{1}}"
    assert fill(None, {}) == ""


@pytest.mark.parametrize(
    ("text", "example", "expected"),
    [
        ("Hola {{1}}, el {{2}}.", "Hola Ana, el 13.", {"1": "Ana", "2": "13"}),
        ("{{1}} y {{1}}", "Ana y Ana", {"1": "Ana"}),
        ("Ver {{1}}", "Ver todo", {"1": "todo"}),
        ("Hola", "Hola", {}),
        ("Hola {{1}}.", "Adiós Ana.", {}),
        ("Hola {{1}}.", "Hola Ana", {}),
        ("Hola {{1}}.", "", {}),
        ("Hola {{1}}.", None, {}),
        ("{{1}}{{2}}", "ab", {}),
        ("Hola {{1}}.", "Hola ", {}),
    ],
)
def test_samples_are_read_from_the_example(text, example, expected):
    assert template_text.samples(text, example) == expected


def test_reading_samples_of_a_long_text_takes_no_time():
    text = "".join(f"a {{{{{number}}}}} " for number in range(200))
    assert template_text.samples(text, "a a " * 5000) != {"1": ""}
