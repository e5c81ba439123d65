"""The counters of the site and of its categories (FACTS 3 and 14)."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import counters
from app.domain.audit.differences import Difference, Progress
from app.domain.options import Options
from app.models import Category, Option


async def differences(
    connection: AsyncConnection, _options: Options, tell: Progress
) -> AsyncIterator[Difference]:
    """Counters that are not what they count."""
    query = select(Option.name, Option.value).where(Option.name.in_(counters.definitions()))
    stored = dict((await connection.execute(query)).all())
    definitions = counters.definitions()
    for done, (name, definition) in enumerate(definitions.items(), start=1):
        tell("Counters", done, len(definitions))
        count = str((await connection.execute(definition)).scalar_one())
        if stored.get(name, "0") != count:
            yield Difference(Option, {"name": name}, "value", stored.get(name), count)

    counts = await counters.category_counts(connection)
    for id, present in await connection.execute(select(Category.id, Category.question_count)):
        if present != counts.get(id, 0):
            found = Difference(Category, {"id": id}, "question_count", present, counts.get(id, 0))
            yield found
