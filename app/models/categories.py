"""The category tree."""

from sqlalchemy import String

from app.models.base import (
    TABLE,
    Base,
    Folded,
    UnsignedInteger,
    UnsignedSmallInteger,
    key,
    reference,
)
from app.models.tables import Attribute, column


class Category(Base):
    """One category of a tree that is at most four levels deep."""

    __tablename__ = "~categories"
    __table_args__ = (
        key("parentid", "parentid", "tags", unique=True),
        key("parentid_2", "parentid", "position", unique=True),
        key("backpath", "backpath", length=200),
        TABLE,
    )

    id: Attribute[int] = column("categoryid", UnsignedInteger, primary_key=True)
    parent_id: Attribute[int | None] = column("parentid", UnsignedInteger)
    title: Attribute[str] = column("title", String(80))
    slug: Attribute[str] = column("tags", Folded(200))
    description: Attribute[str] = column("content", String(800), server_default="")
    question_count: Attribute[int] = column("qcount", UnsignedInteger, server_default="0")
    position: Attribute[int] = column("position", UnsignedSmallInteger)
    reversed_path: Attribute[str] = column("backpath", String(804), server_default="")


class CategoryMeta(Base):
    """A free key and value of a category."""

    __tablename__ = "~categorymetas"
    __table_args__ = (
        reference("~categorymetas_ibfk_1", "categoryid", "~categories", "CASCADE"),
        TABLE,
    )

    category_id: Attribute[int] = column(
        "categoryid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    title: Attribute[str] = column("title", String(40), primary_key=True)
    content: Attribute[str] = column("content", String(8000))
