"""Every touch is guarded, as in the common recipe."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship


def club_models(base):
    class Member(base):
        __tablename__ = "members"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        purchases: Mapped[list["Purchase"]] = relationship(back_populates="member", cascade="all, delete-orphan", passive_deletes=True, lazy="raise")

    class Purchase(base):
        __tablename__ = "purchases"
        id: Mapped[int] = mapped_column(primary_key=True)
        member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
        cents: Mapped[int]
        member: Mapped["Member"] = relationship(back_populates="purchases", lazy="raise")
        lines: Mapped[list["Line"]] = relationship(back_populates="purchase", cascade="all, delete-orphan", passive_deletes=True, lazy="raise")

    class Line(base):
        __tablename__ = "purchase_lines"
        id: Mapped[int] = mapped_column(primary_key=True)
        purchase_id: Mapped[int] = mapped_column(ForeignKey("purchases.id", ondelete="CASCADE"))
        cents: Mapped[int]
        purchase: Mapped["Purchase"] = relationship(back_populates="lines", lazy="raise_on_sql")

    return Member, Purchase, Line
