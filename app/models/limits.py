"""Counters that rate limits are checked against."""

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    TABLE,
    Address,
    Base,
    Code,
    UnsignedInteger,
    UnsignedSmallInteger,
    key,
    reference,
)


class AddressLimit(Base):
    """How often something was done from an address in one hour."""

    __tablename__ = "~iplimits"
    __table_args__ = (
        key("ip", "ip", "action", unique=True),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["address", "action"]}

    address: Mapped[bytes] = mapped_column("ip", Address)
    action: Mapped[str] = mapped_column("action", Code(1))
    period: Mapped[int] = mapped_column("period", UnsignedInteger)
    count: Mapped[int] = mapped_column("count", UnsignedSmallInteger)


class UserLimit(Base):
    """How often a user has done something in one hour."""

    __tablename__ = "~userlimits"
    __table_args__ = (
        key("userid", "userid", "action", unique=True),
        reference("~userlimits_ibfk_1", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["user_id", "action"]}

    user_id: Mapped[int] = mapped_column("userid", UnsignedInteger)
    action: Mapped[str] = mapped_column("action", Code(1))
    period: Mapped[int] = mapped_column("period", UnsignedInteger)
    count: Mapped[int] = mapped_column("count", UnsignedSmallInteger)
