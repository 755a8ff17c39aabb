"""Every name is written out, without a convention."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


async def create_wishes(engine):
    class Base(DeclarativeBase):
        pass

    class WishList(Base):
        __tablename__ = "wish_lists"
        __table_args__ = (
            PrimaryKeyConstraint("id", name="pk_wish_lists"),
            UniqueConstraint("code", name="uq_wish_lists_code"),
        )
        id: Mapped[int] = mapped_column(primary_key=True)
        code: Mapped[str]

    class Wish(Base):
        __tablename__ = "wishes"
        __table_args__ = (
            PrimaryKeyConstraint("id", name="pk_wishes"),
            CheckConstraint("quantity > 0", name="ck_wishes_quantity"),
            ForeignKeyConstraint(["list_id"], ["wish_lists.id"], name="fk_wishes_list_id_wish_lists"),
        )
        id: Mapped[int] = mapped_column(primary_key=True)
        list_id: Mapped[int] = mapped_column(index=True)
        title: Mapped[str]
        quantity: Mapped[int]
        note: Mapped[str | None]

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return WishList, Wish
