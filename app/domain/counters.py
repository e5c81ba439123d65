"""The site's counters, by the definitions that q2a's recount has (FACTS 3 and 14)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import as_number, upsert
from app.db.prepared import many, prepared
from app.db.running import rows_of, run
from app.domain.options import number_of
from app.domain.posts import PostRow
from app.domain.viewers import Flag, Level
from app.models import Category, Option, Post, PostState, User, UserPoints, Word
from app.models.kinds import PostKind

TOTALS = {
    PostKind.QUESTION: "cache_qcount",
    PostKind.ANSWER: "cache_acount",
    PostKind.COMMENT: "cache_ccount",
}
# The option of each counter, by Waggle's name for it.
NAMES = {
    "question_count": "cache_qcount",
    "answer_count": "cache_acount",
    "comment_count": "cache_ccount",
    "user_count": "cache_userpointscount",
    "tag_count": "cache_tagcount",
    "unanswered_count": "cache_unaqcount",
    "unaccepted_count": "cache_unselqcount",
    "unupvoted_count": "cache_unupaqcount",
    "flagged_count": "cache_flaggedcount",
    "queued_count": "cache_queuedcount",
    "unapproved_user_count": "cache_uapprovecount",
}


def definitions() -> dict[str, Select[int]]:
    """How each counter in the options is counted, by the option's name."""
    posts = select(func.count()).select_from(Post)
    open_questions = posts.where(Post.type == "Q", Post.closed_by_id.is_(None))
    return {
        "cache_qcount": posts.where(Post.type == "Q"),
        "cache_acount": posts.where(Post.type == "A"),
        "cache_ccount": posts.where(Post.type == "C"),
        "cache_unaqcount": open_questions.where(Post.answer_count == 0),
        "cache_unselqcount": open_questions.where(Post.accepted_answer_id.is_(None)),
        "cache_unupaqcount": open_questions.where(Post.best_answer_score == 0),
        "cache_tagcount": select(func.count()).where(Word.tag_count > 0),
        "cache_flaggedcount": posts.where(Post.flag_count > 0, Post.type.in_(["Q", "A", "C"])),
        "cache_queuedcount": posts.where(Post.type.in_(["Q_QUEUED", "A_QUEUED", "C_QUEUED"])),
        "cache_uapprovecount": select(func.count()).where(
            User.level < Level.APPROVED.value, User.flags.bitwise_and(Flag.BLOCKED.value) == 0
        ),
        "cache_userpointscount": select(func.count()).select_from(UserPoints),
    }


async def current(connection: AsyncConnection) -> dict[str, int]:
    """The site's counters as they stand now, by Waggle's names (FACTS 3); 0 where absent."""
    found = {name: number_of(value) for name, value in await rows_of(connection, _current())}
    return {ours: max(0, found.get(theirs, 0)) for ours, theirs in NAMES.items()}


@prepared
def _current() -> Select[Any]:
    columns: Sequence[Any] = (Option.name, Option.value)
    return select(*columns).where(Option.name.in_(NAMES.values()))


def counted_for(post: PostRow) -> Counter[str]:
    """What one post adds to each counter: `definitions`, asked of a single row."""
    if post.state is PostState.QUEUED:
        return Counter({"cache_queuedcount": 1})
    if post.state is PostState.HIDDEN or post.kind is PostKind.NOTE:
        return Counter()
    found = Counter({TOTALS[post.kind]: 1, "cache_flaggedcount": int(post.flag_count > 0)})
    if post.kind is PostKind.QUESTION and post.closed_by_id is None:
        found["cache_unaqcount"] = int(post.answer_count == 0)
        found["cache_unselqcount"] = int(post.accepted_answer_id is None)
        found["cache_unupaqcount"] = int(post.best_answer_score == 0)
    return found


async def settle(
    connection: AsyncConnection, *, before: Iterable[PostRow], after: Iterable[PostRow]
) -> None:
    """Bring the counters of options and categories up to a change of some posts.

    What the posts add to each counter now, less what they added before, is added in SQL; so a
    counter that was right stays right, and none goes below zero (decision 0042).

    :param before: the posts as they were when they were locked; a new one is not among them
    :param after: the same posts as they are now; a deleted one is not among them
    """
    before, after = list(before), list(after)
    in_options = _difference(before, after, counted_for)
    in_categories = _difference(before, after, _categories_counting)
    await add_to_categories(connection, changes=in_categories)
    await add_to_options(connection, changes=in_options)


async def lock_categories(
    connection: AsyncConnection, *, paths: Iterable[Iterable[int | None]]
) -> None:
    """Lock the categories whose numbers will change, before a post is put into one of them.

    Who posts shares the row of the category, by the foreign key; nobody who does may want it
    alone later.
    """
    ids = sorted({id for path in paths for id in path if id is not None})
    if ids:
        await rows_of(connection, _locked_categories(), {"ids": ids})


@prepared
def _locked_categories() -> Select[Any]:
    these = select(Category.id).where(Category.id.in_(many("ids"))).order_by(Category.id)
    return these.with_for_update()


async def add_to_options(connection: AsyncConnection, *, changes: Mapping[str, int]) -> None:
    """Add to counters in the options, by name; never to less than zero."""
    changes = {name: change for name, change in sorted(changes.items()) if change}
    if changes and await _add_to_options(connection, changes) < len(changes):
        # An option that is missing is a counter at zero.
        rows = [{Option.name: name, Option.value: "0"} for name in changes]
        dialect = connection.dialect.name
        missing = set(changes) - await _present(connection, changes)
        await connection.execute(upsert(dialect, Option, rows, keys=[Option.name]))
        await _add_to_options(connection, {name: changes[name] for name in sorted(missing)})


async def add_to_categories(connection: AsyncConnection, *, changes: Mapping[int, int]) -> None:
    """Add to the numbers of visible questions of categories, by id; never to less than zero."""
    changes = {id: change for id, change in sorted(changes.items()) if change}
    if changes:
        await run(connection, _categories_changed(len(changes)), _placed(changes))


async def _add_to_options(connection: AsyncConnection, changes: Mapping[str, int]) -> int:
    return (await run(connection, _options_changed(len(changes)), _placed(changes))).row_count


@prepared
def _options_changed(number: int) -> Update:
    digits = Option.value.regexp_match("^-?[0-9]{1,18}$")
    # What is no number at all counts as nothing until it is recounted (FACTS 22.1).
    present = case((digits, as_number(Option.value)), else_=0)
    return _changed(Option, Option.name, Option.value, present, number)


@prepared
def _categories_changed(number: int) -> Update:
    count = Category.question_count
    return _changed(Category, Category.id, count, as_number(count), number)


def _difference(before: list[PostRow], after: list[PostRow], counted: Any) -> dict[Any, int]:
    total: Counter[Any] = Counter()
    for post in after:
        total.update(counted(post))
    for post in before:
        total.subtract(counted(post))
    return dict(total)


def _categories_counting(post: PostRow) -> Counter[int]:
    is_counted = post.kind is PostKind.QUESTION and post.state is PostState.VISIBLE
    return Counter({id for id in post.category_path if id is not None} if is_counted else ())


def _changed(model: Any, key: Any, column: Any, present: Any, number: int) -> Update:
    """Each of the rows gets the present number plus its change, or zero where that is less."""
    keys: list[Any] = [bindparam(f"key_{n}", type_=key.type) for n in range(number)]
    added: list[Any] = [bindparam(f"added_{n}", type_=BigInteger()) for n in range(number)]
    total = present + case(dict(zip(keys, added, strict=True)), value=key)
    changed = case((total < 0, 0), else_=total)
    return update(model).where(key.in_(keys)).values({column: changed})


def _placed(changes: Mapping[Any, int]) -> dict[str, Any]:
    """The values of a statement that changes as many rows."""
    keys = {f"key_{n}": key for n, key in enumerate(changes)}
    return keys | {f"added_{n}": change for n, change in enumerate(changes.values())}


async def _present(connection: AsyncConnection, names: Iterable[str]) -> set[str]:
    query = select(Option.name).where(Option.name.in_(list(names)))
    return set((await connection.execute(query)).scalars())


async def recount_options(connection: AsyncConnection) -> None:
    """Count everything anew and store it: for a new site, and for repairs."""
    counted = [
        {"name": name, "value": str((await connection.execute(query)).scalar_one())}
        for name, query in definitions().items()
    ]
    await connection.execute(delete(Option).where(Option.name.in_(definitions())))
    await connection.execute(
        insert(Option).values({Option.name: bindparam("name"), Option.value: bindparam("value")}),
        counted,
    )


async def category_counts(connection: AsyncConnection) -> Mapping[int, int]:
    """The visible questions in and below each category that has any: the greatest of four."""
    counts: dict[int, int] = {}
    for column in (Post.category_id, Post.category_1_id, Post.category_2_id, Post.category_3_id):
        query = select(column, func.count()).where(Post.type == "Q", column.is_not(None))
        found: list[Any] = list(await connection.execute(query.group_by(column)))
        for category_id, count in found:
            counts[category_id] = max(counts.get(category_id, 0), count)
    return counts


async def recount_categories(connection: AsyncConnection) -> None:
    """Store the number of visible questions of every category."""
    counts = await category_counts(connection)
    ids = (await connection.execute(select(Category.id))).scalars().all()
    statement = update(Category).where(Category.id == bindparam("of"))
    statement = statement.values({Category.question_count: bindparam("count")})
    if ids:
        await connection.execute(
            statement, [{"of": number, "count": counts.get(number, 0)} for number in ids]
        )
