"""Counters that rate limits are checked against."""

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
from app.models.tables import Attribute, column


class AddressLimit(Base):
    """How often something was done from an address in one hour."""

    __tablename__ = "~iplimits"
    __table_args__ = (
        key("ip", "ip", "action", unique=True),
        TABLE,
    )

    address: Attribute[bytes] = column("ip", Address)
    action: Attribute[str] = column("action", Code(1))
    period: Attribute[int] = column("period", UnsignedInteger)
    count: Attribute[int] = column("count", UnsignedSmallInteger)


class UserLimit(Base):
    """How often a user has done something in one hour."""

    __tablename__ = "~userlimits"
    __table_args__ = (
        key("userid", "userid", "action", unique=True),
        reference("~userlimits_ibfk_1", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    user_id: Attribute[int] = column("userid", UnsignedInteger)
    action: Attribute[str] = column("action", Code(1))
    period: Attribute[int] = column("period", UnsignedInteger)
    count: Attribute[int] = column("count", UnsignedSmallInteger)
