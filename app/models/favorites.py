"""What people follow."""

from app.models.base import TABLE, Base, Code, UnsignedInteger, UnsignedTinyInteger, key, reference
from app.models.tables import Attribute, column


class Favorite(Base):
    """What somebody follows."""

    __tablename__ = "~userfavorites"
    __table_args__ = (
        key("userid", "userid", "nouserevents"),
        key("entitytype", "entitytype", "entityid", "nouserevents"),
        reference("~userfavorites_ibfk_1", "userid", "~~users", "CASCADE"),
        TABLE,
    )

    user_id: Attribute[int] = column(
        "userid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    entity_type: Attribute[str] = column("entitytype", Code(1), primary_key=True)
    entity_id: Attribute[int] = column(
        "entityid", UnsignedInteger, primary_key=True, autoincrement=False
    )
    reads_shared_events: Attribute[int] = column("nouserevents", UnsignedTinyInteger)
