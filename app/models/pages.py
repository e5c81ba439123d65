"""Custom pages and widgets."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    TABLE,
    Ascii,
    Base,
    Code,
    MediumText,
    UnsignedSmallInteger,
    UnsignedTinyInteger,
    key,
)


class Page(Base):
    """A custom page, or a link in the site's menus."""

    __tablename__ = "~pages"
    __table_args__ = (
        key("position", "position", unique=True),
        key("tags", "tags"),
        TABLE,
    )

    id: Mapped[int] = mapped_column("pageid", UnsignedSmallInteger, primary_key=True)
    title: Mapped[str] = mapped_column("title", String(80))
    nav: Mapped[str] = mapped_column("nav", Code(1))
    position: Mapped[int] = mapped_column("position", UnsignedSmallInteger)
    flags: Mapped[int] = mapped_column("flags", UnsignedTinyInteger)
    permit: Mapped[int | None] = mapped_column("permit", UnsignedTinyInteger)
    slug: Mapped[str] = mapped_column("tags", String(200))
    heading: Mapped[str | None] = mapped_column("heading", String(800))
    content: Mapped[str | None] = mapped_column("content", MediumText)


class Widget(Base):
    """A widget placed on pages."""

    __tablename__ = "~widgets"
    __table_args__ = (
        key("position", "position", unique=True),
        TABLE,
    )

    id: Mapped[int] = mapped_column("widgetid", UnsignedSmallInteger, primary_key=True)
    place: Mapped[str] = mapped_column("place", Code(2))
    position: Mapped[int] = mapped_column("position", UnsignedSmallInteger)
    templates: Mapped[str] = mapped_column("tags", Ascii(800))
    title: Mapped[str] = mapped_column("title", String(80))
