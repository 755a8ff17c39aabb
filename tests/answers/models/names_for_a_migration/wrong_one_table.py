"""Breaks: created.

Only one of the tables is created.
"""

from sqlalchemy import CheckConstraint, ForeignKey, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.patterns import NAMING_CONVENTION


async def create_wishes(engine):
    class Base(DeclarativeBase):
        metadata = MetaData(naming_convention=NAMING_CONVENTION)

    class WishList(Base):
        __tablename__ = "wish_lists"
        id: Mapped[int] = mapped_column(primary_key=True)
        code: Mapped[str] = mapped_column(String(12), unique=True)

    class Wish(Base):
        __tablename__ = "wishes"
        __table_args__ = (CheckConstraint("quantity >= 1", name="quantity"),)
        id: Mapped[int] = mapped_column(primary_key=True)
        list_id: Mapped[int] = mapped_column(ForeignKey("wish_lists.id"), index=True)
        title: Mapped[str]
        quantity: Mapped[int]
        note: Mapped[str | None]

    async with engine.begin() as connection:
        await connection.run_sync(WishList.__table__.create)
    return WishList, Wish
