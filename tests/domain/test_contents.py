import re
from html.parser import HTMLParser
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.contents import clean_html, excerpt, plain_to_html, to_html, to_text
from tests.domain.golden_text import SITE, TEXTS, shown_posts

Token = str | tuple[str, frozenset[tuple[str, str]]]


class Tokens(HTMLParser):
    """What a browser makes of HTML, without what does not show there."""

    # A browser supplies this one when it is left out.
    UNSEEN_TAG = "tbody"

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[Token] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != self.UNSEEN_TAG:
            kept = ((name, _value(name, value or "")) for name, value in attrs)
            shown = frozenset(filter(lambda attribute: _shows(tag, *attribute), kept))
            self.tokens.append((tag, shown))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag != self.UNSEEN_TAG:
            self.tokens.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        text = re.sub(r"[ \n]+", " ", data)
        if text != " ":
            self.tokens.append(text)


def _value(name: str, value: str) -> str:
    return re.sub(r"\s*([:;])\s*", r"\1", value).rstrip(";") if name == "style" else value


def _shows(tag: str, name: str, value: str) -> bool:
    # q2a's cleaner keeps forbidden URLs in a form that leads nowhere, and describes images.
    is_filler = value.startswith("denied:") or (tag, name, value) == ("img", "alt", "image")
    return name != "rel" and not is_filler


def tokens(html: str) -> list[Token]:
    parser = Tokens()
    parser.feed(html)
    parser.close()
    return parser.tokens


def assert_harmless(html: str) -> None:
    for token in tokens(html):
        if isinstance(token, tuple):
            tag, attributes = token
            assert tag not in {"script", "style", "iframe", "object", "embed", "form", "svg"}
            for name, value in attributes:
                assert not name.startswith("on")
                assert name not in {"id", "name", "target", "action", "srcset"}
                if name in {"href", "src"}:
                    assert not re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE)


@pytest.mark.parametrize("example", SITE["html"], ids=lambda example: example["html"][:30])
def test_html_gives_the_text_that_q2a_indexes(example: dict[str, Any]) -> None:
    assert to_text(example["html"], "html") == example["text"]


def test_questions_give_the_text_that_q2a_indexes() -> None:
    questions = [question for question in SITE["questions"] if question.get("text") is not None]
    assert questions
    for question in questions:
        stored = TEXTS["stored"][str(question["id"])]
        assert to_text(stored["content"], stored["format"]) == question["text"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a < b &lt; c > d", "a < b < c > d"),
        ('<img alt="a > b" src=x>c', "c"),
        ("a<!-- <p> > -->b<!-- never closed", "ab"),
        ("<pre>one\n  two</pre>", "one\ntwo"),
        ("&#39;&#34;&quot;&#60;&#039;&#x27;&copy;", '\'""<&#039;&#x27;&copy;'),
        ("&amp;lt;", "&lt;"),
        ("<P>a<BR/>b</P> \n <Div>c", "a\nb\n\nc"),
        ("a<br", "a"),
        ("", ""),
    ],
)
def test_only_tags_leave_the_text_of_html(html: str, text: str) -> None:
    assert to_text(html, "html") == text


@pytest.mark.parametrize("format", ["", "markdown"])
def test_other_formats_are_their_own_text(format: str) -> None:
    assert to_text("<b> &amp;\n\n\n x", format) == "<b> &amp;\n\n\n x"


@pytest.mark.parametrize("example", SITE["plain"], ids=lambda example: example["text"][:30])
def test_plain_text_is_shown_as_in_q2a(example: dict[str, Any]) -> None:
    assert plain_to_html(example["text"], link_urls=True) == example["shown"]


def test_plain_posts_are_shown_as_in_q2a() -> None:
    posts = [(stored, shown) for stored, shown in shown_posts() if stored["format"] == ""]
    assert len(posts) > 50
    for stored, shown in posts:
        assert to_html(stored["content"], "", link_urls=True) == shown


def test_plain_text_keeps_its_lines_and_blanks() -> None:
    assert plain_to_html("a   b\r\n  c\td\re", link_urls=False) == (
        "a &nbsp;&nbsp;b<br />\n&nbsp;&nbsp;c&nbsp; &nbsp; d<br />\ne"
    )


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("(see https://a.com/b.)", "https://a.com/b"),
        ("'ftp://a.com/x?y=1,'", "ftp://a.com/x?y=1"),
        ("HTTP://A.com", "HTTP://A.com"),
        ("http://a.com/x&y&", "http://a.com/x&amp;y&amp;"),
        ("http://蜂.jp/巣", "http://蜂.jp/巣"),
        ("http://localhost/", None),
        ("xhttp://a.com", None),
        ("javascript://a.com", None),
        ("http://...", None),
    ],
)
def test_bare_urls_become_links_without_what_follows_them(text: str, link: str | None) -> None:
    html = plain_to_html(text, link_urls=True)
    assert re.findall('<a href="(.*?)" rel="nofollow">', html) == ([link] if link else [])


def test_links_open_new_windows_where_the_site_says_so() -> None:
    text = "http://a.com"
    assert plain_to_html(text, link_urls=True, new_window=True) == (
        '<a href="http://a.com" rel="nofollow" target="_blank">http://a.com</a>'
    )
    assert clean_html('<a href="/x" target="top">x</a>') == '<a href="/x" rel="nofollow">x</a>'
    link = tokens(clean_html('<a href="/x">x</a>', new_window=True))[0]
    assert link == ("a", frozenset({("href", "/x"), ("target", "_blank")}))


@pytest.mark.parametrize("example", SITE["html"], ids=lambda example: example["html"][:30])
def test_html_is_cleaned_as_in_q2a(example: dict[str, Any]) -> None:
    assert tokens(clean_html(example["html"])) == tokens(example["shown"])


def test_html_posts_are_shown_as_in_q2a() -> None:
    posts = [(stored, shown) for stored, shown in shown_posts() if stored["format"] == "html"]
    assert len(posts) > 100
    for stored, shown in posts:
        html = to_html(stored["content"], "html", link_urls=True)
        assert tokens(html) == tokens(shown)
        assert html.count('rel="nofollow"') == html.count("<a ")


def test_urls_in_html_become_links_unless_they_are_links() -> None:
    html = '<p title="http://a.com">http://b.com/x <a href="http://c.com">http://c.com</a></p>'
    assert to_html(html, "html", link_urls=True) == (
        '<p title="http://a.com"><a href="http://b.com/x" rel="nofollow">http://b.com/x</a>'
        ' <a href="http://c.com" rel="nofollow">http://c.com</a></p>'
    )
    assert to_html("http://b.com", "html", link_urls=False) == "http://b.com"


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        (
            '<p style="color:red;position:fixed;background:url(x);text-align:center">a</p>',
            '<p style="color:red;text-align:center">a</p>',
        ),
        ('<a href=" java\tscript:x">a</a>', '<a rel="nofollow">a</a>'),
        ('<a href="mailto:a@b.com">a</a>', '<a href="mailto:a@b.com" rel="nofollow">a</a>'),
        ('<img src="data:image/png;base64,x" alt="b">', '<img alt="b">'),
        ('<img src="?qa=blob" width="3" height="4">', None),
        ('<iframe src="https://www.youtube.com/embed/x"></iframe>', ""),
        ('<pre class="x">\n\n one</pre>', None),
        ("<svg><style><img src=x onerror=alert(1)></style></svg>", '<img src="x">'),
    ],
)
def test_only_harmless_html_stays(html: str, cleaned: str | None) -> None:
    assert clean_html(html) == (html if cleaned is None else cleaned)


PIECES = st.one_of(
    st.sampled_from(
        [
            *(f"<{name}>" for name in ("p", "b", "ul", "li", "pre", "span", "script", "style")),
            *(f"</{name}>" for name in ("p", "b", "ul", "li", "pre", "span", "script", "style")),
            *("<svg>", "<math>", "<title>", "<textarea>", "<noscript>", "</noscript>", "<form>"),
            *("<!--", "-->", "<![CDATA[", "]]>", "<?x", "&lt;script>", "&#60;", "&amp", "\n", '"'),
            *('<a href="', "javascript:alert(1)", '<p style="color:', '<img src=x onerror="', "'"),
            *("rgb(", ")", "[", "]", "{", "}", "\\", "/*", "red;width:"),
        ]
    ),
    st.text(max_size=4),
)


@pytest.mark.parametrize(
    ("style", "cleaned"),
    [
        ("color:rgb(1, 2, 3)", "color:rgb(1, 2, 3)"),
        ("color:{}<p>", "color:{"),
        ("color:[]]x,", "color:["),
        ("color:{red}#}*/}}", "color:{"),
    ],
)
def test_odd_styles_are_cleaned_until_nothing_changes(style: str, cleaned: str) -> None:
    html = clean_html(f'<pre>\n\n</pre><p style="{style}">a</p>')

    assert html == f'<pre>\n\n</pre><p style="{cleaned}">a</p>'
    assert clean_html(html) == html


def test_styles_that_do_not_come_to_rest_are_left_out() -> None:
    html = clean_html(f'<p style="color:{"rgb(1,2" * 40}{chr(10)}{"))<" * 40}" title="b">a</p>')

    assert html == '<p title="b">a</p>'


@given(st.lists(PIECES, max_size=14).map("".join), st.booleans())
@settings(max_examples=300, deadline=None)
def test_cleaned_html_is_harmless_and_stays_as_it_is(html: str, link_urls: bool) -> None:
    cleaned = clean_html(html)
    assert_harmless(cleaned)
    assert clean_html(cleaned) == cleaned
    assert_harmless(to_html(html, "html", link_urls=link_urls))
    assert_harmless(to_html(html, "", link_urls=link_urls))


@pytest.mark.parametrize(
    ("content", "format", "length", "expected"),
    [
        ("The quick brown fox", "", 19, "The quick brown fox"),
        ("The quick brown fox", "", 18, "The quick brown…"),
        ("The quick brown fox", "", 5, "The…"),
        ("The quick brown fox", "", 2, "T…"),
        ("The quick", "", 1, "…"),
        ("日本蜜蜂の巣箱に蜂が入りません", "", 8, "日本蜜蜂の巣箱…"),
        ("日本蜜蜂の巣箱 蜂が", "", 9, "日本蜜蜂の巣箱…"),
        ("x" * 100, "", 50, "x" * 49 + "…"),
        ("cafe\u0301s", "", 5, "caf…"),
        (" a \n\n b\u3000c ", "", 10, "a b c"),
        ("<p>A&amp;B &eacute;</p><p>&#128029;&nbsp;c", "html", 20, "A&B é 🐝 c"),
        ("<b></b>" * 900 + "late", "html", 10, "late"),
        ("<p>" + "&amp;" * 300, "html", 200, "&" * 199 + "…"),
        ("", "html", 10, ""),
    ],
)
def test_an_excerpt_is_the_beginning_on_one_line(
    content: str, format: str, length: int, expected: str
) -> None:
    assert excerpt(content, format, length=length) == expected


@given(
    st.lists(
        st.sampled_from(["bee ", "<b>", "</p>", "<a title='x>", "'", "&amp;", "&", "<", "蜂", "a"])
    ).map(lambda pieces: "".join(pieces) * 9),
    st.integers(min_value=1, max_value=60),
)
@settings(deadline=None)
def test_an_excerpt_of_a_part_is_that_of_the_whole(html: str, length: int) -> None:
    # Text that is as long as the content needs no second look, whatever it holds.
    whole = excerpt(html, "html", length=max(length, len(html)))
    assert excerpt(html, "html", length=length) == excerpt(whole, "", length=length)


HOSTILE = {
    "angle brackets": "<" * 12_000,
    "ampersands": "&" * 12_000,
    "quotes": "=\"'" * 4_000,
    "blanks": " \n" * 6_000,
    "deep tags": "<b>" * 5_000,
    "deep blocks": "<div>" * 5_000,
    "open comments": "<!--" * 3_000,
    "open attributes": '<a href="' * 1_300,
    "a long URL": "http://a." + "a." * 6_000,
    "many URLs": "http://a.http://" * 800,
    "attributes": "<p " + "a=b " * 3_000 + ">",
}
# Each of these would re-open hundreds of tags in each of hundreds of blocks.
TANGLED = {
    "paragraphs": "<p>" + "".join(f"<i title={n}>" for n in range(400)) + "<p>x" * 1_600,
    "lists": "<li>" + "".join(f"<i lang={n}>" for n in range(400)) + "<li>x" * 1_300,
    "tables": "".join(f"<i lang={n}><table><td></i></td></table>" for n in range(170))
    + "<p>x" * 1_200,
}


@pytest.mark.parametrize("content", [*HOSTILE.values(), *TANGLED.values()], ids=HOSTILE | TANGLED)
def test_hostile_contents_cost_no_more_than_honest_ones(content: str) -> None:
    started = process_time()
    for format in ("", "html"):
        to_text(content, format)
        excerpt(content, format, length=200)
        assert len(to_html(content, format, link_urls=True)) < 20 * len(content)
    assert process_time() - started < 5


def test_tangled_contents_lose_formatting_only() -> None:
    honest = (
        "<div>"
        + "<p><i><b>x</b><br></i></p>" * 300
        + "<p><span><i><b>"
        + "x<br>" * 2_000
        + "</b></i></span></p></div>"
    )
    assert clean_html(f"<!-- from an editor -->{honest}</b>") == honest
    assert clean_html(TANGLED["paragraphs"]) == "<p></p>" + "<p>x</p>" * 1_600
