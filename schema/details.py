"""How much is read of posts, by the names of the fields that a document selects anywhere."""

from app.domain.posts import WHOLE, Content, Detail

# What is made of whole contents; whoever adds such a field adds its name.
OF_CONTENTS = {"content", "contentHtml", "version"}
OF_BEGINNINGS = {"excerpt"}


def detail_of(asked: frozenset[str] | None) -> Detail:
    """What posts need for the fields `asked` for; None: for any, and no more than that."""
    if asked is None:
        return WHOLE
    return Detail("author" in asked, _content(asked))


def _content(asked: frozenset[str]) -> Content:
    if not OF_CONTENTS.isdisjoint(asked):
        return Content.WHOLE
    return Content.NONE if OF_BEGINNINGS.isdisjoint(asked) else Content.BEGINNING
