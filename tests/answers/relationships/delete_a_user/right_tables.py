"""Tables first, and classes for them."""

from sqlalchemy import Column, ForeignKeyConstraint, Integer, String, Table
from sqlalchemy.orm import relationship

OWNED = {"cascade": "all, delete, delete-orphan", "passive_deletes": True}


def club_models(base):
    def table(name, *columns, owner=None):
        rules = [ForeignKeyConstraint(*owner, ondelete="CASCADE")] if owner else []
        return Table(name, base.metadata, Column("id", Integer, primary_key=True), *columns, *rules)

    def number(name):
        return Column(name, Integer, nullable=False)

    class Member(base):
        __table__ = table("members", Column("name", String, nullable=False))
        purchases = relationship("Purchase", back_populates="member", **OWNED)

    class Purchase(base):
        __table__ = table(
            "purchases", number("member_id"), number("cents"), owner=(["member_id"], ["members.id"])
        )
        member = relationship("Member", back_populates="purchases")
        lines = relationship("Line", back_populates="purchase", **OWNED)

    class Line(base):
        __table__ = table(
            "purchase_lines", number("purchase_id"), number("cents"), owner=(["purchase_id"], ["purchases.id"])
        )
        purchase = relationship("Purchase", back_populates="lines")

    return Member, Purchase, Line
