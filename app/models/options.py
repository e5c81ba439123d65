"""The site's settings and counters."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import TABLE, Base


class Option(Base):
    """One setting of the site, or one of its counters, as text."""

    __tablename__ = "~options"
    __table_args__ = (TABLE,)

    name: Mapped[str] = mapped_column("title", String(40), primary_key=True)
    value: Mapped[str] = mapped_column("content", String(12000))
