"""How much is read of posts, by the names of the fields that a document selects anywhere."""

from app.domain.posts import WHOLE, Content, Detail

# What is made of whole contents; whoever adds such a field adds its name.
OF_CONTENTS = {"content", "contentHtml", "version"}
OF_BEGINNINGS = {"excerpt"}
# The fields of the usual pages: what is made of them, and how one gets there, takes nothing of
# posts that is seldom shown. Where a document selects any other field, everything is read.
USUAL = {
    "__typename",
    "acceptedAnswer",
    "answerCount",
    "answers",
    "author",
    "avatarUrl",
    "category",
    "categoryPath",
    "comments",
    "content",
    "contentFormat",
    "contentHtml",
    "createdAt",
    "cursor",
    "databaseId",
    "description",
    "edges",
    "endCursor",
    "excerpt",
    "handle",
    "hasNextPage",
    "hasPreviousPage",
    "id",
    "isAccepted",
    "isClosed",
    "name",
    "node",
    "nodes",
    "pageInfo",
    "points",
    "post",
    "question",
    "questionCount",
    "questions",
    "score",
    "search",
    "slug",
    "startCursor",
    "state",
    "tag",
    "tags",
    "title",
    "totalCount",
    "url",
    "user",
    "users",
    "viewCount",
    "viewer",
    "viewerVote",
}


def detail_of(asked: frozenset[str] | None) -> Detail:
    """What posts need for the fields `asked` for; None: for any, and no more than that."""
    if asked is None:
        return WHOLE
    return Detail("author" in asked, _content(asked), is_lean=asked <= USUAL)


def _content(asked: frozenset[str]) -> Content:
    if not OF_CONTENTS.isdisjoint(asked):
        return Content.WHOLE
    return Content.NONE if OF_BEGINNINGS.isdisjoint(asked) else Content.BEGINNING
