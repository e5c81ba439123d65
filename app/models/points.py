"""Points, and the figures they are made of."""

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import TABLE, Base, MediumInteger, UnsignedInteger, key


class UserPoints(Base):
    """The points of a user and the figures they are made of."""

    __tablename__ = "~userpoints"
    __table_args__ = (
        key("points", "points"),
        TABLE,
    )

    user_id: Mapped[int] = mapped_column(
        "userid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    points: Mapped[int] = mapped_column("points", Integer, server_default="0")
    question_count: Mapped[int] = mapped_column("qposts", MediumInteger, server_default="0")
    answer_count: Mapped[int] = mapped_column("aposts", MediumInteger, server_default="0")
    comment_count: Mapped[int] = mapped_column("cposts", MediumInteger, server_default="0")
    accepted_by_user_count: Mapped[int] = mapped_column(
        "aselects", MediumInteger, server_default="0"
    )
    accepted_answer_count: Mapped[int] = mapped_column(
        "aselecteds", MediumInteger, server_default="0"
    )
    question_upvotes_given: Mapped[int] = mapped_column(
        "qupvotes", MediumInteger, server_default="0"
    )
    question_downvotes_given: Mapped[int] = mapped_column(
        "qdownvotes", MediumInteger, server_default="0"
    )
    answer_upvotes_given: Mapped[int] = mapped_column("aupvotes", MediumInteger, server_default="0")
    answer_downvotes_given: Mapped[int] = mapped_column(
        "adownvotes", MediumInteger, server_default="0"
    )
    comment_upvotes_given: Mapped[int] = mapped_column(
        "cupvotes", MediumInteger, server_default="0"
    )
    comment_downvotes_given: Mapped[int] = mapped_column(
        "cdownvotes", MediumInteger, server_default="0"
    )
    question_vote_points: Mapped[int] = mapped_column("qvoteds", Integer, server_default="0")
    answer_vote_points: Mapped[int] = mapped_column("avoteds", Integer, server_default="0")
    comment_vote_points: Mapped[int] = mapped_column("cvoteds", Integer, server_default="0")
    upvotes_received: Mapped[int] = mapped_column("upvoteds", Integer, server_default="0")
    downvotes_received: Mapped[int] = mapped_column("downvoteds", Integer, server_default="0")
    bonus: Mapped[int] = mapped_column("bonus", Integer, server_default="0")
