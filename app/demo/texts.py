"""Puts the sentences of a topic together to titles and contents, in plain text or HTML."""

from html import escape
from random import Random
from typing import NamedTuple

from app.demo.english import TOPICS as ENGLISH
from app.demo.japanese import TOPICS as JAPANESE
from app.demo.topics import Topic

TOPICS = {"en": ENGLISH, "ja": JAPANESE}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
# fmt: off
PLACES = {
    "en": (
        "Yorkshire", "Cornwall", "Kent", "the Borders", "Vermont", "Oregon", "Ohio", "Tasmania",
        "Otago", "Galway", "Skåne", "Bavaria", "Brittany", "Umbria", "Lublin", "the Alps", "Devon",
        "Texas", "Ontario", "Nova Scotia",
    ),
    "ja": (
        "長野", "岡山", "島根", "京都", "福岡", "北海道", "愛媛", "宮崎", "千葉", "秋田",
        "和歌山", "高知", "岩手", "奈良", "熊本", "静岡", "岐阜", "鹿児島",
    ),
}
# fmt: on
GREETINGS = {
    "en": ("Hello everybody.", "Good morning from {place}.", "I am in my second year.", "", "", ""),
    "ja": (
        "いつも参考にしています。",
        "{place}で飼っています。",
        "二年目の初心者です。",
        "",
        "",
        "",
    ),
}
CLOSINGS = {
    "en": (
        "Good luck!",
        "That is how we do it in {place}.",
        "Let us know how it went.",
        "",
        "",
        "",
    ),
    "ja": (
        "うまくいきますように。",
        "{place}ではこれで大丈夫でした。",
        "結果を教えてください。",
        "",
        "",
    ),
}
NOTES = {
    "en": "Closed because the discussion has moved to the weekly thread.",
    "ja": "議論が落ち着いたので、ここで終わりにします。",
}
IMAGE_CAPTIONS = {"en": "Here is a picture of the comb.", "ja": "巣板の写真です。"}


class Text(NamedTuple):
    """A content: its sentences, each of which ends in a separator of words, and what is stored."""

    sentences: tuple[str, ...]
    format: str
    content: str


class Texts:
    """Writes what people write; `month` is always the month (1 to 12) of writing."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._turns: dict[str, int] = {}

    def topic(self) -> Topic:
        language = "ja" if self._rng.random() < 0.35 else "en"
        return self._rng.choice(TOPICS[language])

    def title(self, topic: Topic, *, month: int) -> str:
        """A title of the topic: all of them in turn, and a repeated one tells the place."""
        turn = self._turns.get(topic.category, 0)
        self._turns[topic.category] = turn + 1
        pattern = topic.titles[turn % len(topic.titles)]
        title = self._filled(pattern, topic.language, month)
        if turn < len(topic.titles) or "{" in pattern:
            return title
        place = self._rng.choice(PLACES[topic.language])
        return f"【{place}】{title}" if topic.language == "ja" else f"{title} ({place})"

    def tags(self, topic: Topic) -> list[str]:
        count = self._rng.randrange(1, min(4, len(topic.tags)) + 1)
        return self._rng.sample(topic.tags, count)

    def question(self, topic: Topic, *, month: int, image: str = "") -> Text:
        rng = self._rng
        chosen = [rng.choice(GREETINGS[topic.language])]
        chosen += rng.sample(topic.situations, rng.randrange(1, 3))
        chosen += rng.sample(topic.asks, 1 + (rng.random() < 0.3))
        return self._text(chosen, topic.language, month, image=image)

    def answer(self, topic: Topic, *, month: int, image: str = "") -> Text:
        rng = self._rng
        chosen = rng.sample(topic.advice, rng.choice((1, 2, 2, 3)))
        chosen.append(rng.choice(CLOSINGS[topic.language]))
        return self._text(chosen, topic.language, month, image=image)

    def comment(self, topic: Topic, *, month: int) -> Text:
        rng = self._rng
        chosen = rng.sample(topic.replies, 1 + (rng.random() < 0.15))
        return self._text(chosen, topic.language, month, plain=rng.random() < 0.9)

    def note(self, topic: Topic) -> Text:
        return Text((NOTES[topic.language],), "", NOTES[topic.language])

    def _text(
        self, chosen: list[str], language: str, month: int, *, plain: bool = False, image: str = ""
    ) -> Text:
        sentences = [self._filled(pattern, language, month) for pattern in chosen if pattern]
        if image:
            sentences.append(IMAGE_CAPTIONS[language])
        if image or not (plain or self._rng.random() < 0.35):
            return Text(tuple(sentences), "html", _html(sentences, image, self._rng))
        joint = "" if language == "ja" else " "
        return Text(tuple(sentences), "", joint.join(sentences))

    def _filled(self, pattern: str, language: str, month: int) -> str:
        if "{" not in pattern:
            return pattern
        rng = self._rng
        return pattern.format(
            month=f"{month}月" if language == "ja" else MONTHS[month - 1],
            place=rng.choice(PLACES[language]),
            n=rng.randrange(3, 10),
            kg=rng.choice((4, 6, 8, 12, 15, 22, 30)),
        )


def _html(sentences: list[str], image: str, rng: Random) -> str:
    parts = [escape(sentence, quote=False) for sentence in sentences]
    if len(parts) > 2 and rng.random() < 0.25:
        items = "".join(f"<li>{part}</li>" for part in parts[1:])
        html = f"<p><strong>{parts[0]}</strong></p>\n<ul>{items}</ul>"
    else:
        html = "\n".join(f"<p>{part}</p>" for part in parts)
    return html + image
