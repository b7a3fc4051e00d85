# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""WhatsApp's marks to HTML and back."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gupshup.markup import html_to_marks, marks_to_html

marked_texts = st.lists(
    st.sampled_from(
        ["*", "_", "~", "`", "```", " ", "\n", "a", "b2", "<b>", "&amp;", "'", '"']
        + ["https://x.y/z_a*b", "é", "(", "-", "> ", "😀"]
    ),
    max_size=16,
).map("".join)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold*", "<strong>bold</strong>"),
        ("_it_ and ~no~", "<em>it</em> and <s>no</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("`x*y*`", "<code>x*y*</code>"),
        ("```two\nlines```", "<samp>two<br>lines</samp>"),
        ("snake_case_words", "snake_case_words"),
        ("2*3*4", "2*3*4"),
        ("* not bold *", "* not bold *"),
        ("*a\nb*", "*a<br>b*"),
        ("**", "**"),
        ("(*yes*)!", "(<strong>yes</strong>)!"),
        ("a\r\nb", "a<br>b"),
        ("a  b", "a &nbsp;b"),
        ("<script>&", "&lt;script&gt;&amp;"),
        ("> quoted", "&gt; quoted"),
        ("- item", "- item"),
    ],
)
def test_marks_to_html(text, html):
    assert marks_to_html(text) == html


def test_address_becomes_a_link_without_what_follows_it():
    link = (
        '<a href="https://a.example/b_c_d?x=1&amp;y=2" target="_blank" '
        'rel="noreferrer noopener">https://a.example/b_c_d?x=1&amp;y=2</a>'
    )
    assert marks_to_html("See https://a.example/b_c_d?x=1&y=2.") == f"See {link}."
    assert marks_to_html("*https://a.example/b_c_d?x=1&y=2*") == (
        f"<strong>{link}</strong>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "xhttps://a.example",
        "https://",
        "https://...",
        "ftp://a.example",
    ],
)
def test_other_schemes_are_no_links(text):
    assert marks_to_html(text) == text


@given(marked_texts)
@example("``````*```")
@settings(max_examples=400)
def test_there_and_back_again(text):
    text = text.strip()
    assert html_to_marks(marks_to_html(text)) == text


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_nothing_of_the_text_is_markup(text):
    """Only tags and attributes that are ours, whatever the customer writes."""
    html = marks_to_html(text + '<img src=x onerror="alert(1)">' + text)
    tags = re.findall(r"<[^>]*>", html)
    link = r"<a href=\"https?://[^\"<>]*\" target=\"_blank\" rel=\"[a-z ]*\">"
    ours = re.compile(rf"</?(strong|em|s|code|samp)>|<br>|</a>|{link}", re.IGNORECASE)
    assert all(ours.fullmatch(tag) for tag in tags)
    assert "<" not in re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize("text", ["*a " * 20_000, "`" * 40_000, "*_~" * 20_000])
def test_hostile_texts_cost_no_more_than_others(text):
    """The time-out of the run is the assertion: a quadratic way takes minutes."""
    assert html_to_marks(marks_to_html(text)) == text.strip()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hola <b>mundo</b></p><p>adiós</p>", "Hola *mundo*\nadiós"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<p>a</p>\n  <p><br></p>\n<p>b</p>", "a\n\nb"),
        ("<p>a<br></p><p>b</p>", "a\nb"),
        ("<strong>a</strong> <i>b</i> <del>c</del>", "*a* _b_ ~c~"),
        ("<em>a</em> <s>b</s> <strike>c</strike>", "_a_ ~b~ ~c~"),
        ("<b> spaced </b>x", "*spaced* x"),
        ("<b></b><i> </i>x", "x"),
        ("un<b>believ</b>able", "unbelievable"),
        ("<b>one<br>two</b>", "*one*\n*two*"),
        ("<b><strong>once</strong></b>", "*once*"),
        ("<b>a <i>b</i></b> c", "*a _b_* c"),
        ("<code>x*y*</code>", "`x*y*`"),
        ("<pre>x\n  y</pre>after", "```x\n  y```\nafter"),
        ("a &lt;b&gt; &amp; c&nbsp;d", "a <b> & c d"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\nc"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<blockquote>q<br>r</blockquote>t", "> q\n> r\nt"),
        ("<h2>Title</h2><div>text</div>", "*Title*\ntext"),
        ("a<img src='x'>b", "ab"),
        ("<style>p{}</style><script>1</script>x", "x"),
        ("", ""),
        ("<![x y", "<![x y"),
    ],
)
def test_html_to_marks(html, text):
    assert html_to_marks(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://a.example/x">here</a>', "here (https://a.example/x)"),
        ('<a href="https://a.example/">https://a.example</a>', "https://a.example"),
        ('<a href="https://a.example">a.example</a>', "a.example"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ('<a href="tel:+34600">call us</a>', "call us (+34600)"),
        ('<a href="/odoo/x">inside</a>', "inside"),
        ('<a href="javascript:x()">odd</a>', "odd"),
        (
            '<a href="https://o.example/odoo/3" data-oe-model="res.partner" '
            'data-oe-id="3" class="o_mail_redirect">@Ana</a> hi',
            "@Ana hi",
        ),
        (
            '<b><a href="https://a.example/x">here</a></b>',
            "*here (https://a.example/x)*",
        ),
    ],
)
def test_links_keep_their_label(html, text):
    assert html_to_marks(html) == text


@given(st.text(max_size=60), marked_texts)
def test_no_html_breaks_the_way_out(garbage, text):
    assert isinstance(html_to_marks(f"<p>{garbage}<{text}</p>"), str)
