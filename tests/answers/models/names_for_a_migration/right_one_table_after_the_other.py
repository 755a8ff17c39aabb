"""A block for each table, and the index named by hand."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, MetaData, String
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
        __table_args__ = (
            CheckConstraint("quantity >= 1", name="quantity"),
            Index("ix_wishes_list_id", "list_id"),
        )
        id: Mapped[int] = mapped_column(primary_key=True)
        list_id: Mapped[int] = mapped_column(ForeignKey("wish_lists.id"))
        title: Mapped[str]
        quantity: Mapped[int]
        note: Mapped[str | None]

    for model in (WishList, Wish):
        async with engine.begin() as connection:
            await connection.run_sync(model.__table__.create)
    return WishList, Wish
