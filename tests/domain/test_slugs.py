from typing import Any

import pytest

from app.domain.censor import censor, compile_rules
from app.domain.slugs import (
    absolute,
    blob_path,
    category_path,
    image_path,
    path,
    question_path,
    slug,
    tag_path,
    user_path,
)
from tests.domain.golden_text import SITE, TEXTS

OPTIONS: dict[str, str] = TEXTS["options"]
TITLED: list[dict[str, Any]] = [post for post in SITE["questions"] if "request" in post]


@pytest.mark.parametrize("example", SITE["words"], ids=lambda example: example["text"])
def test_slugs_are_made_as_in_q2a(example: dict[str, Any]) -> None:
    text = example["text"]
    assert slug(text, max_length=1000, remove_accents=True) == example["slug_ascii"]
    assert slug(text, max_length=1000, remove_accents=False) == example["slug_unicode"]


@pytest.mark.parametrize("question", TITLED, ids=lambda question: str(question["id"]))
def test_a_question_has_the_slug_that_q2a_gives_it(question: dict[str, Any]) -> None:
    title_slug = slug(
        censor(question["title"], compile_rules(OPTIONS["block_bad_words"])),
        max_length=int(OPTIONS["q_urls_title_length"]),
        remove_accents=bool(OPTIONS["q_urls_remove_accents"]),
    )
    assert f"{question['id']}/{title_slug}" == question["request"]


@pytest.mark.parametrize(
    ("title", "max_length", "expected"),
    [
        ("one three five", 12, "one-three-five"),
        ("one three five", 11, "one-three-five"),
        ("one three five", 9, "three-five"),
        ("one three five", 5, "three"),
        ("one two six", 4, "one-two"),
        ("extraordinarily long", 3, "extraordinarily"),
        ("!!!", 50, ""),
    ],
)
def test_the_shortest_words_give_way_in_a_long_slug(
    title: str, max_length: int, expected: str
) -> None:
    assert slug(title, max_length=max_length, remove_accents=False) == expected


def test_ascii_slugs_keep_latin_letters_without_their_accents() -> None:
    title = "Łódź Ǻrsæll İstanbul ế Ελλάδα Ｗａｘ"
    assert slug(title, max_length=100, remove_accents=True) == "lodz-arsaell-istanbul-e"


@pytest.mark.parametrize(
    ("style", "question", "answer", "home"),
    [
        (0, "index.php/7/wax-%E8%9C%82", "index.php/7/wax-%E8%9C%82?show=9#a9", "index.php"),
        (1, "7/wax-%E8%9C%82", "7/wax-%E8%9C%82?show=9#a9", ""),
        (3, "?qa=7/wax-%E8%9C%82", "?qa=7/wax-%E8%9C%82&show=9#a9", ""),
        (4, "?qa=7&qa_1=wax-%E8%9C%82", "?qa=7&qa_1=wax-%E8%9C%82&show=9#a9", ""),
        (
            5,
            "index.php?qa=7&qa_1=wax-%E8%9C%82",
            "index.php?qa=7&qa_1=wax-%E8%9C%82&show=9#a9",
            "index.php",
        ),
    ],
)
def test_each_style_of_urls_has_its_form(style: int, question: str, answer: str, home: str) -> None:
    assert question_path(7, "wax-蜂", style=style) == question
    assert question_path(7, "wax-蜂", style=style, answer_id=9) == answer
    assert path([], style=style) == home


def test_an_unknown_style_counts_as_the_default() -> None:
    assert path(["tags"], style=2) == path(["tags"], style=5) == "index.php?qa=tags"


def test_a_comment_is_shown_at_its_anchor() -> None:
    assert question_path(7, "wax", style=1, comment_id=8) == "7/wax?show=8#c8"


def test_a_question_without_a_slug_has_only_its_number() -> None:
    assert question_path(7, "", style=1) == "7"
    assert question_path(7, "", style=4) == "?qa=7"


def test_names_are_escaped_in_paths() -> None:
    assert tag_path("c/c++ & 蜂", style=1) == "tag/c%2Fc%2B%2B+%26+%E8%9C%82"
    assert user_path("Queen Bee", style=5, page="wall") == (
        "index.php?qa=user&qa_1=Queen+Bee&qa_2=wall"
    )
    assert category_path(["keeping", "巣箱"], style=3) == "?qa=keeping/%E5%B7%A3%E7%AE%B1"
    assert path(["search"], {"q": "a&b=c", "start": 10}, style=3) == (
        "?qa=search&q=a%26b%3Dc&start=10"
    )


def test_files_have_the_urls_that_contents_embed() -> None:
    stored = next(post["content"] for post in TEXTS["stored"].values() if "<img" in post["content"])
    blob_id = stored.partition("qa_blobid=")[2].partition('"')[0]
    url = absolute(OPTIONS["site_url"], blob_path(int(blob_id)))
    assert f'src="{url.replace("&", "&amp;")}"' in stored
    assert absolute("http://example.com/qa", image_path(int(blob_id), 40)) == (
        f"http://example.com/qa/?qa=image&qa_blobid={blob_id}&qa_size=40"
    )
