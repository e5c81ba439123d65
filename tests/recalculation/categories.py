"""Recalculate categories: the paths of posts, the counts of categories, and their backward paths.

FACTS 14: `catidpath1` to `catidpath3` are the first three levels of the path of `categoryid`, the
category itself included. Answers, comments and closing notes carry the category of their question.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from tests.recalculation.figures import Figures, Row, read

# A comment stands below a question or an answer, and what a question follows has its own category.
POSTS = """
    SELECT p.postid, COALESCE(grand.categoryid, parent.categoryid, p.categoryid),
           p.type, parent.type, p.categoryid, parent.categoryid, grand.categoryid
      FROM qa_posts p
      LEFT JOIN qa_posts parent ON parent.postid = p.parentid AND p.type NOT LIKE 'Q%'
      LEFT JOIN qa_posts grand ON grand.postid = parent.parentid AND parent.type NOT LIKE 'Q%'
"""
COUNT = """
    SELECT {column}, COUNT(*) FROM qa_posts
     WHERE type = 'Q' AND {column} IS NOT NULL GROUP BY {column}
"""
PATH = ("catidpath1", "catidpath2", "catidpath3")


async def post_paths(connection: AsyncConnection) -> Figures:
    parents: dict[int, int | None] = dict(
        await read(connection, "SELECT categoryid, parentid FROM qa_categories")
    )
    rows = {}
    for post_id, _, type_, parent_type, own, parents_own, grand_own in await read(
        connection, POSTS
    ):
        category = own
        if not type_.startswith("Q"):
            category = parents_own if parent_type.startswith("Q") else grand_own
        rows[(post_id,)] = (category, *_path(category, parents))
    return Figures("posts", ("postid",), ("categoryid", *PATH), rows)


def _path(category: int | None, parents: dict[int, int | None]) -> Row:
    path: list[int | None] = []
    while category is not None:
        path.insert(0, category)
        category = parents[category]
    return tuple([*path, None, None, None][:3])


async def recalculated(connection: AsyncConnection) -> Figures:
    """The count of each category is the greatest of four, that is of all questions below it."""
    counts: list[dict[int, int]] = [
        dict(await read(connection, COUNT.format(column=column)))
        for column in ("categoryid", *PATH)
    ]
    tree = await read(connection, "SELECT categoryid, parentid, tags FROM qa_categories")
    slugs = {id: (parent, slug) for id, parent, slug in tree}
    rows = {}
    for category in slugs:
        backward, place = [], category
        while place is not None:
            place, slug = slugs[place]
            backward.append(slug)
        rows[(category,)] = (max(count.get(category, 0) for count in counts), "/".join(backward))
    return Figures("categories", ("categoryid",), ("qcount", "backpath"), rows)
