from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.censor import NO_RULES, censor, censor_html, compile_rules
from app.domain.contents import to_html
from tests.domain.golden_text import SITE, TEXTS

SITE_RULES = compile_rules(TEXTS["options"]["block_bad_words"])


def test_titles_without_listed_words_are_shown_as_they_are() -> None:
    titles = [(post["title"], post["title_shown"]) for post in SITE["questions"] if "title" in post]
    assert titles
    assert all(censor(title, SITE_RULES) == shown for title, shown in titles)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A badword, a BadWord!", "A *******, a *******!"),
        ("badwords", "badwords"),
        ("abadword bad_word", "abadword bad_word"),
        ("an (badword) and #badword", "an (*******) and #*******"),
        ("この罵倒語です", "この***です"),
        ("これはbadwordです", "これは*******です"),
        ("badword！", "*******！"),
        ("İ badword", "İ *******"),
    ],
)
def test_whole_words_are_starred_in_any_case(text: str, shown: str) -> None:
    assert censor(text, SITE_RULES) == shown


@pytest.mark.parametrize(
    ("rule", "text", "shown"),
    [
        ("dro*", "A drone drops a dro.", "A ***** ***** a ***."),
        ("*bee", "honeybee bees", "******** bees"),
        ("s*t", "sit s**t swarms", "*** **** swarms"),
        ("a**b*c", "axbxc ab", "***** ab"),
        ("蜂*蜜", "蜂の蜜", "***"),
        ("f-word", "the f-word", "the ******"),
        ("c++", "c++ cc+", "*** cc+"),
        ("*", "all stays", "all stays"),
    ],
)
def test_an_asterisk_in_a_rule_stands_for_non_blanks(rule: str, text: str, shown: str) -> None:
    assert censor(text, compile_rules(rule)) == shown


def test_rules_are_separated_by_blanks_and_commas() -> None:
    rules = compile_rules("one, two\r\nthree four")
    assert censor("one two three four five", rules) == "*** *** ***** **** five"


def test_an_empty_list_stars_nothing() -> None:
    assert compile_rules(" ,\n") is NO_RULES
    assert censor("badword", NO_RULES) == "badword"


def test_only_text_between_tags_is_starred() -> None:
    html = (
        '<p title="badword">badword <a href="http://badword.com/?a&amp;amp=1">badword</a>'
        " &amp; amp</p>"
    )
    assert censor_html(html, compile_rules("badword amp")) == (
        '<p title="badword">******* <a href="http://badword.com/?a&amp;amp=1">*******</a>'
        " &amp; ***</p>"
    )


@pytest.mark.parametrize("format", ["", "html"])
def test_links_made_of_bare_urls_still_lead_there(format: str) -> None:
    html = to_html("at http://a.com/badword", format, link_urls=True, bad_words=SITE_RULES)
    assert html == 'at <a href="http://a.com/badword" rel="nofollow">http://a.com/*******</a>'


@given(st.text(alphabet="aAbx *-<>&;日カİ"), st.text(alphabet="abx* 日カ"))
@settings(deadline=None)
def test_starring_keeps_every_other_character(text: str, listed: str) -> None:
    rules = compile_rules(listed)
    shown = censor(text, rules)
    assert len(shown) == len(text)
    assert all(after in (before, "*") for before, after in zip(text, shown, strict=True))
    assert all(after != "*" for before, after in zip(text, shown, strict=True) if before == " ")


@pytest.mark.parametrize("text", ["a", "a-", "ab-", "abc", "a b", "<", "<a ", "&", "&a", "日"])
def test_starring_takes_linear_time(text: str) -> None:
    rules = compile_rules("a*b*c*d*e *x 日*本")
    hostile = (text * 100_000)[:100_000]
    started = process_time()
    censor(hostile, rules)
    censor_html(hostile + " x", rules)
    assert process_time() - started < 5
