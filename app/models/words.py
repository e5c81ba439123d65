"""The word index that search and tags live in."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    TABLE,
    Base,
    DateTime,
    Folded,
    OneOf,
    UnsignedInteger,
    UnsignedTinyInteger,
    key,
    reference,
)


class ContentWord(Base):
    """A word stands in the content of a post."""

    __tablename__ = "~contentwords"
    __table_args__ = (
        key("postid", "postid"),
        key("wordid", "wordid"),
        reference("~contentwords_ibfk_1", "postid", "~posts.postid", "CASCADE"),
        reference("~contentwords_ibfk_2", "wordid", "~words.wordid"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["post_id", "word_id"]}

    post_id: Mapped[int] = mapped_column("postid", UnsignedInteger)
    word_id: Mapped[int] = mapped_column("wordid", UnsignedInteger)
    count: Mapped[int] = mapped_column("count", UnsignedTinyInteger)
    type: Mapped[str] = mapped_column("type", OneOf(("Q", "A", "C", "NOTE")))
    question_id: Mapped[int] = mapped_column("questionid", UnsignedInteger)


class PostTag(Base):
    """A question carries a tag."""

    __tablename__ = "~posttags"
    __table_args__ = (
        key("postid", "postid"),
        key("wordid", "wordid", "postcreated"),
        reference("~posttags_ibfk_1", "postid", "~posts.postid", "CASCADE"),
        reference("~posttags_ibfk_2", "wordid", "~words.wordid"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["post_id", "word_id"]}

    post_id: Mapped[int] = mapped_column("postid", UnsignedInteger)
    word_id: Mapped[int] = mapped_column("wordid", UnsignedInteger)
    post_created_at: Mapped[datetime] = mapped_column("postcreated", DateTime)


class TagMeta(Base):
    """A free key and value of a tag."""

    __tablename__ = "~tagmetas"
    __table_args__ = (TABLE,)

    tag: Mapped[str] = mapped_column("tag", Folded(80), primary_key=True)
    title: Mapped[str] = mapped_column("title", String(40), primary_key=True)
    content: Mapped[str] = mapped_column("content", String(8000))


class TagWord(Base):
    """A word is part of a tag of a question."""

    __tablename__ = "~tagwords"
    __table_args__ = (
        key("postid", "postid"),
        key("wordid", "wordid"),
        reference("~tagwords_ibfk_1", "postid", "~posts.postid", "CASCADE"),
        reference("~tagwords_ibfk_2", "wordid", "~words.wordid"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["post_id", "word_id"]}

    post_id: Mapped[int] = mapped_column("postid", UnsignedInteger)
    word_id: Mapped[int] = mapped_column("wordid", UnsignedInteger)


class TitleWord(Base):
    """A word stands in the title of a question."""

    __tablename__ = "~titlewords"
    __table_args__ = (
        key("postid", "postid"),
        key("wordid", "wordid"),
        reference("~titlewords_ibfk_1", "postid", "~posts.postid", "CASCADE"),
        reference("~titlewords_ibfk_2", "wordid", "~words.wordid"),
        TABLE,
    )
    # The table has no primary key; this tells rows apart for the mapper only.
    __mapper_args__ = {"primary_key": ["post_id", "word_id"]}

    post_id: Mapped[int] = mapped_column("postid", UnsignedInteger)
    word_id: Mapped[int] = mapped_column("wordid", UnsignedInteger)


class Word(Base):
    """A word of the search index, or a tag, with how often it is used."""

    __tablename__ = "~words"
    __table_args__ = (
        key("word", "word"),
        key("tagcount", "tagcount"),
        TABLE,
    )

    id: Mapped[int] = mapped_column("wordid", UnsignedInteger, primary_key=True)
    text: Mapped[str] = mapped_column("word", String(80))
    title_count: Mapped[int] = mapped_column("titlecount", UnsignedInteger, server_default="0")
    content_count: Mapped[int] = mapped_column("contentcount", UnsignedInteger, server_default="0")
    tag_word_count: Mapped[int] = mapped_column("tagwordcount", UnsignedInteger, server_default="0")
    tag_count: Mapped[int] = mapped_column("tagcount", UnsignedInteger, server_default="0")
