"""How q2a splits text into words (FACTS 6), written a second time."""

import re

BLOCKS = "address|blockquote|br|center|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|table|td|th|tr|ul"
BLOCK = re.compile(rf"<(?:{BLOCKS})\b[^>]*>", re.IGNORECASE)
ENTITIES = {
    "quot": '"',
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "nbsp": " ",
    "#34": '"',
    "#38": "&",
    "#39": "'",
    "#60": "<",
    "#62": ">",
}
ENTITY = re.compile("&(" + "|".join(ENTITIES) + ");")
BLANKS = "¡¿¦«»±×÷\u2000-\u200c\u200e\u200f‖“”‟„‘‚‛•-…‹›‼⁇⁈⁉\u3000、。"
IDEOGRAPH = re.compile(
    "[\u0e00-\u0e7f\u2e80-\u303f\u3200-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]"
)
SEPARATORS = re.compile(r"[\n\r\t !\"'()*+,./:;<=>?\[\\\]^`{|}~-]+")


def text_of(content: str, format: str) -> str:
    if format != "html":
        return content
    plain = re.sub(r"<[^>]*>", "", BLOCK.sub("\n", content))
    return ENTITY.sub(lambda found: ENTITIES[found[1]], plain)


def words_of(text: str) -> list[str]:
    text = re.sub("[\u2010-\u2015]", "-", text.lower().replace("’", "'"))
    text = re.sub(f"[{BLANKS}]", " ", text)
    text = re.sub(r"(?<=[^\s])'(?=[^\s])", "", text)
    return [word for word in SEPARATORS.split(IDEOGRAPH.sub(r" \g<0> ", text)) if word]
