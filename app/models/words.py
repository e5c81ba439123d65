"""The word index that search and tags live in."""

from datetime import datetime

from sqlalchemy import String

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
from app.models.tables import Attribute, column


class ContentWord(Base):
    """A word stands in the content of a post."""

    __tablename__ = "~contentwords"
    __table_args__ = (
        key("postid", "postid"),
        key("wordid", "wordid"),
        reference("~contentwords_ibfk_1", "postid", "~posts", "CASCADE"),
        reference("~contentwords_ibfk_2", "wordid", "~words"),
        TABLE,
    )

    post_id: Attribute[int] = column("postid", UnsignedInteger)
    word_id: Attribute[int] = column("wordid", UnsignedInteger)
    count: Attribute[int] = column("count", UnsignedTinyInteger)
    type: Attribute[str] = column("type", OneOf(("Q", "A", "C", "NOTE")))
    question_id: Attribute[int] = column("questionid", UnsignedInteger)


class PostTag(Base):
    """A question carries a tag."""

    __tablename__ = "~posttags"
    __table_args__ = (
        key("postid", "postid"),
        key("wordid", "wordid", "postcreated"),
        reference("~posttags_ibfk_1", "postid", "~posts", "CASCADE"),
        reference("~posttags_ibfk_2", "wordid", "~words"),
        TABLE,
    )

    post_id: Attribute[int] = column("postid", UnsignedInteger)
    word_id: Attribute[int] = column("wordid", UnsignedInteger)
    post_created_at: Attribute[datetime] = column("postcreated", DateTime)


class TagMeta(Base):
    """A free key and value of a tag."""

    __tablename__ = "~tagmetas"
    __table_args__ = (TABLE,)

    tag: Attribute[str] = column("tag", Folded(80), primary_key=True)
    title: Attribute[str] = column("title", String(40), primary_key=True)
    content: Attribute[str] = column("content", String(8000))


class TagWord(Base):
    """A word is part of a tag of a question."""

    __tablename__ = "~tagwords"
    __table_args__ = (
        key("postid", "postid"),
        key("wordid", "wordid"),
        reference("~tagwords_ibfk_1", "postid", "~posts", "CASCADE"),
        reference("~tagwords_ibfk_2", "wordid", "~words"),
        TABLE,
    )

    post_id: Attribute[int] = column("postid", UnsignedInteger)
    word_id: Attribute[int] = column("wordid", UnsignedInteger)


class TitleWord(Base):
    """A word stands in the title of a question."""

    __tablename__ = "~titlewords"
    __table_args__ = (
        key("postid", "postid"),
        key("wordid", "wordid"),
        reference("~titlewords_ibfk_1", "postid", "~posts", "CASCADE"),
        reference("~titlewords_ibfk_2", "wordid", "~words"),
        TABLE,
    )

    post_id: Attribute[int] = column("postid", UnsignedInteger)
    word_id: Attribute[int] = column("wordid", UnsignedInteger)


class Word(Base):
    """A word of the search index, or a tag, with how often it is used."""

    __tablename__ = "~words"
    __table_args__ = (
        key("word", "word"),
        key("tagcount", "tagcount"),
        TABLE,
    )

    id: Attribute[int] = column("wordid", UnsignedInteger, primary_key=True)
    text: Attribute[str] = column("word", String(80))
    title_count: Attribute[int] = column("titlecount", UnsignedInteger, server_default="0")
    content_count: Attribute[int] = column("contentcount", UnsignedInteger, server_default="0")
    tag_word_count: Attribute[int] = column("tagwordcount", UnsignedInteger, server_default="0")
    tag_count: Attribute[int] = column("tagcount", UnsignedInteger, server_default="0")
