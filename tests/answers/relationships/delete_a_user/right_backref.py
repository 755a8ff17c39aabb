"""One side of each relationship makes the other."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

OWNED = {"cascade": "all, delete-orphan", "passive_deletes": True}


def club_models(base):
    class Member(base):
        __tablename__ = "members"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Purchase(base):
        __tablename__ = "purchases"
        id: Mapped[int] = mapped_column(primary_key=True)
        member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
        cents: Mapped[int]
        member = relationship(Member, backref=backref("purchases", **OWNED))

    class Line(base):
        __tablename__ = "purchase_lines"
        id: Mapped[int] = mapped_column(primary_key=True)
        purchase_id: Mapped[int] = mapped_column(ForeignKey("purchases.id", ondelete="CASCADE"))
        cents: Mapped[int]
        purchase = relationship(Purchase, backref=backref("lines", **OWNED))

    base.registry.configure()
    return Member, Purchase, Line
