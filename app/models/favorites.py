"""What people follow."""

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import TABLE, Base, Code, UnsignedInteger, UnsignedTinyInteger, key, reference


class Favorite(Base):
    """What somebody follows."""

    __tablename__ = "~userfavorites"
    __table_args__ = (
        key("userid", "userid", "nouserevents"),
        key("entitytype", "entitytype", "entityid", "nouserevents"),
        reference("~userfavorites_ibfk_1", "userid", "~~users.userid", "CASCADE"),
        TABLE,
    )

    user_id: Mapped[int] = mapped_column(
        "userid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    entity_type: Mapped[str] = mapped_column("entitytype", Code(1), primary_key=True)
    entity_id: Mapped[int] = mapped_column(
        "entityid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    reads_shared_events: Mapped[int] = mapped_column("nouserevents", UnsignedTinyInteger)
