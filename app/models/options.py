"""The site's settings and counters."""

from sqlalchemy import String

from app.models.base import TABLE, Base
from app.models.tables import Attribute, column


class Option(Base):
    """One setting of the site, or one of its counters, as text."""

    __tablename__ = "~options"
    __table_args__ = (TABLE,)

    name: Attribute[str] = column("title", String(40), primary_key=True)
    value: Attribute[str] = column("content", String(12000))
