"""The root of q2a's tables and the column types that they are made of, on MySQL and SQLite."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    Dialect,
    Enum,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy import DateTime as GenericDateTime
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.types import TypeEngine

from app.models.tables import Deferred, Model

# How MySQL makes q2a's tables: utf8 is utf8mb3 there, see FACTS 1.
TABLE = {"mysql_engine": "InnoDB", "mysql_charset": "utf8"}


class Base(Model):
    """A q2a table. Attributes have Waggle's names, columns have q2a's.

    Table names begin with `~` (or `~~` for those that sites can share), in whose place the
    database puts the site's prefix: see `app.db.prefixes`.
    """

    metadata = MetaData()


class UnsignedBigInteger(TypeDecorator[int]):
    """A number up to 2**64 - 1; SQLite, which has only signed ones, keeps its two's complement."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.BIGINT(unsigned=True))
        return dialect.type_descriptor(BigInteger())

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        # Rows of MySQL are given out as they are: they are many.
        return None if dialect.name == "mysql" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is None or dialect.name == "mysql" or value < 2**63:
            return value
        return value - 2**64

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:
        return value + 2**64 if value is not None and value < 0 else value


_whole_seconds: TypeEngine[datetime] = sqlite.DATETIME(truncate_microseconds=True)  # type: ignore[no-untyped-call]
DateTime = GenericDateTime().with_variant(_whole_seconds, "sqlite")
UnsignedInteger = Integer().with_variant(mysql.INTEGER(unsigned=True), "mysql")
UnsignedSmallInteger = SmallInteger().with_variant(mysql.SMALLINT(unsigned=True), "mysql")
UnsignedTinyInteger = SmallInteger().with_variant(mysql.TINYINT(unsigned=True), "mysql")
TinyInteger = SmallInteger().with_variant(mysql.TINYINT(), "mysql")
MediumInteger = Integer().with_variant(mysql.MEDIUMINT(), "mysql")
SinglePrecision = Float().with_variant(mysql.FLOAT(), "mysql")
MediumBlob = LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")
MediumText = Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
# An address as inet_pton gives it: 4 bytes or 16.
Address = LargeBinary(16).with_variant(mysql.VARBINARY(16), "mysql")


def Bytes(length: int) -> TypeEngine[bytes]:  # noqa: N802 - a type among types
    return LargeBinary(length).with_variant(mysql.BINARY(length), "mysql")


def VariableBytes(length: int) -> TypeEngine[bytes]:  # noqa: N802
    return LargeBinary(length).with_variant(mysql.VARBINARY(length), "mysql")


def Ascii(length: int) -> TypeEngine[str]:  # noqa: N802
    return String(length).with_variant(mysql.VARCHAR(length, charset="ascii"), "mysql")


def Code(length: int) -> TypeEngine[str]:  # noqa: N802
    return CHAR(length).with_variant(mysql.CHAR(length, charset="ascii"), "mysql")


def Folded(length: int) -> TypeEngine[str]:  # noqa: N802
    """Text that is looked up without regard to case, as utf8_general_ci does.

    SQLite knows the case of ASCII letters only.
    """
    return String(length).with_variant(sqlite.VARCHAR(length, collation="NOCASE"), "sqlite")


def Exact(length: int) -> TypeEngine[str]:  # noqa: N802
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb3", collation="utf8mb3_bin"), "mysql"
    )


def OneOf(values: Sequence[str]) -> TypeEngine[str]:  # noqa: N802
    return Enum(*values, native_enum=True, validate_strings=False, length=8)


def key(name: str, *columns: str, unique: bool = False, length: int | None = None) -> Deferred:
    """An index with the name that q2a gives it; `length` cuts the first column on MySQL."""
    options: dict[str, Any] = {"mysql_length": {columns[0]: length}} if length else {}
    return lambda attributes: Index(
        name, *(attributes[column] for column in columns), unique=unique, **options
    )


def reference(name: str, column: str, target: str, on_delete: str | None = None) -> Deferred:
    """A foreign key, with the name that q2a's installation gives it, to the id of a table."""
    return lambda attributes: ForeignKeyConstraint(
        [attributes[column]], [f"{target}.id"], name=name, ondelete=on_delete
    )
