from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.contents import to_text
from app.domain.words import count_words, split, split_tags
from tests.domain.golden_text import SITE, TEXTS


@pytest.mark.parametrize("example", SITE["words"], ids=lambda example: example["text"])
def test_text_splits_as_in_q2a(example: dict[str, Any]) -> None:
    text = example["text"]
    assert split(text) == example["words"]
    assert split(text, separate_ideographs=False) == example["words_no_ideograph_split"]
    assert split(text, separate_ideographs=False, keep_hyphens=True) == example["tag_words"]


@pytest.mark.parametrize("search", SITE["search"], ids=lambda search: search["query"])
def test_a_query_splits_as_in_q2a(search: dict[str, Any]) -> None:
    assert split(search["query"]) == search["words"]


INDEXED_QUESTIONS: list[dict[str, Any]] = [post for post in TEXTS["indexed"] if "title" in post]


@pytest.mark.parametrize("post", TEXTS["indexed"], ids=lambda post: str(post["id"]))
def test_the_words_of_a_content_are_those_that_q2a_indexed(post: dict[str, Any]) -> None:
    assert count_words(to_text(post["content"], post["format"])) == post["content_words"]


@pytest.mark.parametrize("question", INDEXED_QUESTIONS, ids=lambda post: str(post["id"]))
def test_the_words_of_a_title_and_its_tags_are_those_that_q2a_indexed(
    question: dict[str, Any],
) -> None:
    assert sorted(set(split(question["title"]))) == question["title_words"]
    assert sorted(set(split(question["tags"]))) == question["tag_words"]
    assert sorted(split_tags(question["tags"], comma=True)) == question["tag_names"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rock'n'roll", ["rockn", "roll"]),
        ("the bees' hives", ["the", "bees", "hives"]),
        ("ΟΔΟΣ", ["οδοσ"]),
        ("İĞ", ["i\u0307ğ"]),
        ("a\u2014b\u2015c", ["a", "b", "c"]),
        ("a\u200bb\u200dc", ["a", "b\u200dc"]),
        ("\U00020bb7野屋", ["\U00020bb7", "野", "屋"]),
        ("", []),
        ("... !", []),
    ],
)
def test_corner_cases_split_as_the_stored_words_do(text: str, words: list[str]) -> None:
    assert split(text) == words


def test_a_word_counts_at_most_255_times() -> None:
    assert count_words("bee " * 255 + "hive") == {"bee": 255, "hive": 1}
    assert count_words("bee " * 256) == {"bee": 255}


@pytest.mark.parametrize(
    ("text", "comma", "tags"),
    [
        ("Wild Honey, wax,, WAX ,top-bar", True, ["wild honey", "wax", "top-bar"]),
        ("oxalic/acid,日本 蜜蜂", True, ["oxalic acid", "日本 蜜蜂"]),
        ("Wild Honey,wax  top-bar wax", False, ["wild", "honey", "wax", "top-bar"]),
        ("queen's 日本蜜蜂 c#", False, ["queens", "日本蜜蜂", "c#"]),
        (" , ", True, []),
        ("", False, []),
    ],
)
def test_tags_are_told_apart_by_commas_or_as_words(text: str, comma: bool, tags: list[str]) -> None:
    assert split_tags(text, comma=comma) == tags


@given(st.text())
@settings(deadline=None)
def test_words_are_found_again_in_themselves(text: str) -> None:
    words = split(text, separate_ideographs=False)
    assert split(" ".join(words), separate_ideographs=False) == words
    assert "".join(split(text)) == "".join(words)


@pytest.mark.parametrize("text", ["'", "a'", "a'’", "日", "-", "<", "a"])
def test_splitting_takes_linear_time(text: str) -> None:
    started = process_time()
    split(text * 100_000)
    assert process_time() - started < 5
