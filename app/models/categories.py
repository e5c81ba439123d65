"""The category tree."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    TABLE,
    Base,
    Folded,
    UnsignedInteger,
    UnsignedSmallInteger,
    key,
    reference,
)


class Category(Base):
    """One category of a tree that is at most four levels deep."""

    __tablename__ = "~categories"
    __table_args__ = (
        key("parentid", "parentid", "tags", unique=True),
        key("parentid_2", "parentid", "position", unique=True),
        key("backpath", "backpath", length=200),
        TABLE,
    )

    id: Mapped[int] = mapped_column("categoryid", UnsignedInteger, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column("parentid", UnsignedInteger)
    title: Mapped[str] = mapped_column("title", String(80))
    slug: Mapped[str] = mapped_column("tags", Folded(200))
    description: Mapped[str] = mapped_column("content", String(800), server_default="")
    question_count: Mapped[int] = mapped_column("qcount", UnsignedInteger, server_default="0")
    position: Mapped[int] = mapped_column("position", UnsignedSmallInteger)
    reversed_path: Mapped[str] = mapped_column("backpath", String(804), server_default="")


class CategoryMeta(Base):
    """A free key and value of a category."""

    __tablename__ = "~categorymetas"
    __table_args__ = (
        reference("~categorymetas_ibfk_1", "categoryid", "~categories.categoryid", "CASCADE"),
        TABLE,
    )

    category_id: Mapped[int] = mapped_column(
        "categoryid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    title: Mapped[str] = mapped_column("title", String(40), primary_key=True)
    content: Mapped[str] = mapped_column("content", String(8000))
