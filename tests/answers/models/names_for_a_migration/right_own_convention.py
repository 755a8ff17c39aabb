"""A convention of one's own that gives the same names."""

from sqlalchemy import CheckConstraint, ForeignKey, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


async def create_wishes(engine):
    class Base(DeclarativeBase):
        metadata = MetaData(
            naming_convention={
                "pk": "pk_%(table_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "ix": "ix_%(table_name)s_%(column_0_name)s",
            }
        )

    class WishList(Base):
        __tablename__ = "wish_lists"
        id: Mapped[int] = mapped_column(primary_key=True)
        code: Mapped[str] = mapped_column(String(12), unique=True)

    class Wish(Base):
        __tablename__ = "wishes"
        __table_args__ = (CheckConstraint("NOT quantity <= 0", name="ck_wishes_quantity"),)
        id: Mapped[int] = mapped_column(primary_key=True)
        list_id: Mapped[int] = mapped_column(ForeignKey("wish_lists.id"), index=True)
        title: Mapped[str]
        quantity: Mapped[int]
        note: Mapped[str | None]

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return WishList, Wish
