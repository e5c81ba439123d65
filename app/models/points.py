"""Points, and the figures they are made of."""

from sqlalchemy import Integer

from app.models.base import TABLE, Base, MediumInteger, UnsignedInteger, key
from app.models.tables import Attribute, column


class UserPoints(Base):
    """The points of a user and the figures they are made of."""

    __tablename__ = "~userpoints"
    __table_args__ = (
        key("points", "points"),
        TABLE,
    )

    user_id: Attribute[int] = column(
        "userid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    points: Attribute[int] = column("points", Integer, server_default="0")
    question_count: Attribute[int] = column("qposts", MediumInteger, server_default="0")
    answer_count: Attribute[int] = column("aposts", MediumInteger, server_default="0")
    comment_count: Attribute[int] = column("cposts", MediumInteger, server_default="0")
    accepted_by_user_count: Attribute[int] = column("aselects", MediumInteger, server_default="0")
    accepted_answer_count: Attribute[int] = column("aselecteds", MediumInteger, server_default="0")
    question_upvotes_given: Attribute[int] = column("qupvotes", MediumInteger, server_default="0")
    question_downvotes_given: Attribute[int] = column(
        "qdownvotes", MediumInteger, server_default="0"
    )
    answer_upvotes_given: Attribute[int] = column("aupvotes", MediumInteger, server_default="0")
    answer_downvotes_given: Attribute[int] = column("adownvotes", MediumInteger, server_default="0")
    comment_upvotes_given: Attribute[int] = column("cupvotes", MediumInteger, server_default="0")
    comment_downvotes_given: Attribute[int] = column(
        "cdownvotes", MediumInteger, server_default="0"
    )
    question_vote_points: Attribute[int] = column("qvoteds", Integer, server_default="0")
    answer_vote_points: Attribute[int] = column("avoteds", Integer, server_default="0")
    comment_vote_points: Attribute[int] = column("cvoteds", Integer, server_default="0")
    upvotes_received: Attribute[int] = column("upvoteds", Integer, server_default="0")
    downvotes_received: Attribute[int] = column("downvoteds", Integer, server_default="0")
    bonus: Attribute[int] = column("bonus", Integer, server_default="0")
