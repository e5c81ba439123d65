"""Custom pages and widgets."""

from sqlalchemy import String

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
from app.models.tables import Attribute, column


class Page(Base):
    """A custom page, or a link in the site's menus."""

    __tablename__ = "~pages"
    __table_args__ = (
        key("position", "position", unique=True),
        key("tags", "tags"),
        TABLE,
    )

    id: Attribute[int] = column("pageid", UnsignedSmallInteger, primary_key=True)
    title: Attribute[str] = column("title", String(80))
    nav: Attribute[str] = column("nav", Code(1))
    position: Attribute[int] = column("position", UnsignedSmallInteger)
    flags: Attribute[int] = column("flags", UnsignedTinyInteger)
    permit: Attribute[int | None] = column("permit", UnsignedTinyInteger)
    slug: Attribute[str] = column("tags", String(200))
    heading: Attribute[str | None] = column("heading", String(800))
    content: Attribute[str | None] = column("content", MediumText)


class Widget(Base):
    """A widget placed on pages."""

    __tablename__ = "~widgets"
    __table_args__ = (
        key("position", "position", unique=True),
        TABLE,
    )

    id: Attribute[int] = column("widgetid", UnsignedSmallInteger, primary_key=True)
    place: Attribute[str] = column("place", Code(2))
    position: Attribute[int] = column("position", UnsignedSmallInteger)
    templates: Attribute[str] = column("tags", Ascii(800))
    title: Attribute[str] = column("title", String(80))
