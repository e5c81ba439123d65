"""Waggle's own tables, beside q2a's and without keys into them; `app.migrations` makes them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects import mysql

from app.models.base import (
    Address,
    Ascii,
    Bytes,
    Code,
    DateTime,
    UnsignedBigInteger,
    UnsignedInteger,
    UnsignedSmallInteger,
    VariableBytes,
)
from app.models.tables import Attribute, Model, column

# Made by Waggle, these hold every character there is.
TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mysql_row_format": "DYNAMIC",
}
LongText = Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
SecretBytes = VariableBytes(64)


class WaggleBase(Model):
    """One of Waggle's own tables. Times are in UTC here."""

    metadata = MetaData()


class Lock(WaggleBase):
    """Something that one transaction does at a time, where q2a's tables have no key for it."""

    __tablename__ = "~waggle_locks"
    __table_args__ = (TABLE,)

    name: Attribute[str] = column(Ascii(40), primary_key=True)


class Mail(WaggleBase):
    """A mail that has to be sent: the outbox. A job sends it and sets `sent_at`.

    `status` is one of `MailStatus`; `claim` says whose it is while it is being sent, and
    `message_id` by what name it was taken then.
    """

    __tablename__ = "~waggle_outbox"
    __table_args__ = (
        Index("waiting", "sent_at", "not_before", "id"),
        Index("by_status", "status", "not_before", "id"),
        TABLE,
    )

    id: Attribute[int] = column(UnsignedInteger, primary_key=True)
    kind: Attribute[str] = column(Ascii(40))
    user_id: Attribute[int | None] = column(UnsignedInteger)
    recipient: Attribute[str] = column(String(200))
    recipient_name: Attribute[str] = column(String(80))
    subject: Attribute[str] = column(String(1000))
    body: Attribute[str] = column(LongText)
    created_at: Attribute[datetime] = column(DateTime)
    not_before: Attribute[datetime] = column(DateTime)
    attempts: Attribute[int] = column(UnsignedSmallInteger, server_default="0")
    last_error: Attribute[str | None] = column(String(1000))
    sent_at: Attribute[datetime | None] = column(DateTime)
    status: Attribute[str] = column(Ascii(10), server_default="waiting")
    claim: Attribute[str | None] = column(Ascii(16))
    claimed_at: Attribute[datetime | None] = column(DateTime)
    message_id: Attribute[str | None] = column(String(200))


class SuppressedAddress(WaggleBase):
    """An address that gets no mail: `reason` is a `MailStopReason`, `address` in small letters."""

    __tablename__ = "~waggle_suppressed_addresses"
    __table_args__ = (TABLE,)

    address: Attribute[str] = column(String(200), primary_key=True)
    reason: Attribute[str] = column(Ascii(20))
    detail: Attribute[str] = column(String(500))
    created_at: Attribute[datetime] = column(DateTime)


class Revision(WaggleBase):
    """A question, answer or comment as it was before an edit; q2a keeps no history."""

    __tablename__ = "~waggle_revisions"
    __table_args__ = (Index("by_post", "post_id", "id"), TABLE)

    id: Attribute[int] = column(UnsignedInteger, primary_key=True)
    post_id: Attribute[int] = column(UnsignedInteger)
    replaced_at: Attribute[datetime] = column(DateTime)
    replaced_by_id: Attribute[int | None] = column(UnsignedInteger)
    title: Attribute[str | None] = column(Text)
    content: Attribute[str] = column(LongText)
    format: Attribute[str] = column(Ascii(20))
    tags: Attribute[str | None] = column(Text)
    category_id: Attribute[int | None] = column(UnsignedInteger)
    source: Attribute[str | None] = column(LongText)


class Source(WaggleBase):
    """The Markdown that the HTML of a post was made from.

    It counts only as long as `content_hash`, SHA-256 of the stored content, is that of the post:
    q2a may edit the post and knows nothing of this.
    """

    __tablename__ = "~waggle_sources"
    __table_args__ = (TABLE,)

    post_id: Attribute[int] = column(UnsignedInteger, primary_key=True, autoincrement=False)
    text: Attribute[str] = column(LongText)
    content_hash: Attribute[bytes] = column(Bytes(32))


class DoneRequest(WaggleBase):
    """What came of a request that its sender may repeat: one row for each idempotency key."""

    __tablename__ = "~waggle_requests"
    __table_args__ = (Index("by_age", "created_at"), TABLE)

    sender: Attribute[str] = column(Ascii(40), primary_key=True)
    key: Attribute[bytes] = column(Bytes(32), primary_key=True)
    input_hash: Attribute[bytes] = column(Bytes(32))
    result_id: Attribute[int | None] = column(UnsignedInteger)
    created_at: Attribute[datetime] = column(DateTime)


class StoredBlob(WaggleBase):
    """Where the storage has the bytes of a file of q2a's, whose row has none then.

    While the row has them, too, they count: q2a may read nothing else.
    """

    __tablename__ = "~waggle_stored_blobs"
    __table_args__ = (TABLE,)

    blob_id: Attribute[int] = column(UnsignedBigInteger, primary_key=True, autoincrement=False)
    key: Attribute[str] = column(Ascii(200))
    sha256: Attribute[bytes] = column(Bytes(32))
    size: Attribute[int] = column(UnsignedInteger)
    content_type: Attribute[str] = column(Ascii(100))
    # Where q2a had the bytes: `table` or `directory`; null: it never had them.
    origin: Attribute[str | None] = column(Ascii(20))
    stored_at: Attribute[datetime] = column(DateTime)


class Upload(WaggleBase):
    """A file that somebody may upload, or has uploaded. Its id is that of the blob it becomes."""

    __tablename__ = "~waggle_uploads"
    __table_args__ = (Index("by_age", "kept_at", "requested_at"), TABLE)

    blob_id: Attribute[int] = column(UnsignedBigInteger, primary_key=True, autoincrement=False)
    purpose: Attribute[str] = column(Ascii(20))
    filename: Attribute[str] = column(String(255))
    content_type: Attribute[str] = column(Ascii(100))
    size: Attribute[int] = column(UnsignedInteger)
    user_id: Attribute[int | None] = column(UnsignedInteger)
    cookie_id: Attribute[int | None] = column(UnsignedBigInteger)
    requested_from: Attribute[bytes] = column(Address)
    requested_at: Attribute[datetime] = column(DateTime)
    # Looking at a picture takes up to some seconds: how often that was done.
    attempts: Attribute[int] = column(UnsignedSmallInteger, server_default="0")
    confirmed_at: Attribute[datetime | None] = column(DateTime)
    format: Attribute[str | None] = column(Ascii(20))
    width: Attribute[int | None] = column(UnsignedInteger)
    height: Attribute[int | None] = column(UnsignedInteger)
    # When a post or a profile was found to use it: from then on nobody asks any more.
    kept_at: Attribute[datetime | None] = column(DateTime)


class Thumbnails(WaggleBase):
    """The scaled pictures of a blob that the storage has; `sizes` are pixels, with commas."""

    __tablename__ = "~waggle_thumbnails"
    __table_args__ = (TABLE,)

    blob_id: Attribute[int] = column(UnsignedBigInteger, primary_key=True, autoincrement=False)
    sizes: Attribute[str] = column(Ascii(200))
    made_at: Attribute[datetime] = column(DateTime)


class Unsubscription(WaggleBase):
    """Somebody wants no more mails of one kind: `topic` is a `MailTopic`."""

    __tablename__ = "~waggle_unsubscriptions"
    __table_args__ = (TABLE,)

    user_id: Attribute[int] = column(UnsignedInteger, primary_key=True, autoincrement=False)
    topic: Attribute[str] = column(Ascii(20), primary_key=True)
    created_at: Attribute[datetime] = column(DateTime)


class Secret(WaggleBase):
    """A key that all processes of the site sign with; made by a migration, replaced by hand."""

    __tablename__ = "~waggle_secrets"
    __table_args__ = (TABLE,)

    name: Attribute[str] = column(Ascii(40), primary_key=True)
    value: Attribute[bytes] = column(SecretBytes)


class JobRun(WaggleBase):
    """The last run of a job, and the lease of whoever is at it; times are the database's.

    `done_slot` is the last scheduled time whose run is over.
    """

    __tablename__ = "~waggle_jobs"
    __table_args__ = (TABLE,)

    name: Attribute[str] = column(Ascii(40), primary_key=True)
    owner: Attribute[str | None] = column(Ascii(16))
    lease_until: Attribute[datetime | None] = column(DateTime)
    started_at: Attribute[datetime | None] = column(DateTime)
    ended_at: Attribute[datetime | None] = column(DateTime)
    summary: Attribute[str | None] = column(String(1000))
    done_slot: Attribute[datetime | None] = column(DateTime)


class Digest(WaggleBase):
    """Whether somebody wants the digest of each week, and the last week whose was queued.

    `last_week` is the ISO year and week as one number, such as 202647; 0: none yet.
    """

    __tablename__ = "~waggle_digests"
    __table_args__ = (TABLE,)

    user_id: Attribute[int] = column(UnsignedInteger, primary_key=True, autoincrement=False)
    is_wanted: Attribute[int] = column(UnsignedSmallInteger)
    last_week: Attribute[int] = column(UnsignedInteger, server_default="0")


class RankingGeneration(WaggleBase):
    """One making of all rankings; readers see the newest that is finished."""

    __tablename__ = "~waggle_ranking_generations"
    __table_args__ = (TABLE,)

    id: Attribute[int] = column(UnsignedInteger, primary_key=True)
    started_at: Attribute[datetime] = column(DateTime)
    finished_at: Attribute[datetime | None] = column(DateTime)


class Ranking(WaggleBase):
    """A place in a ranking: of everybody, below a category, or under a tag.

    `scope` is `-`, `C` or `T`, `group_id` 0, a category's id or that of a tag's word; `days` is
    how far back the points were earned, 0: ever. `standing` is the same for equal points.
    """

    __tablename__ = "~waggle_rankings"
    __table_args__ = (TABLE,)

    generation_id: Attribute[int] = column(UnsignedInteger, primary_key=True, autoincrement=False)
    scope: Attribute[str] = column(Code(1), primary_key=True)
    group_id: Attribute[int] = column(UnsignedInteger, primary_key=True, autoincrement=False)
    days: Attribute[int] = column(UnsignedSmallInteger, primary_key=True, autoincrement=False)
    place: Attribute[int] = column(UnsignedSmallInteger, primary_key=True, autoincrement=False)
    standing: Attribute[int] = column(UnsignedSmallInteger)
    user_id: Attribute[int] = column(UnsignedInteger)
    points: Attribute[int] = column(Integer)


# What a making of the rankings counts by; it is there for that connection alone.
RANKING_EARNINGS = Table(
    "~waggle_ranking_earnings",
    MetaData(),
    Column("question_id", UnsignedInteger, primary_key=True, autoincrement=False),
    Column("user_id", UnsignedInteger, primary_key=True, autoincrement=False),
    Column("post_id", UnsignedInteger, primary_key=True, autoincrement=False),
    Column("source", UnsignedSmallInteger, primary_key=True, autoincrement=False),
    Column("ever", Integer, nullable=False),
    Column("month", Integer, nullable=False),
    Column("week", Integer, nullable=False),
    prefixes=["TEMPORARY"],
    mysql_engine="InnoDB",
)
