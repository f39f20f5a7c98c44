"""What every table has: one set of metadata, names for constraints, the types of two kinds of column."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, LargeBinary, MetaData
from sqlmodel import Field, SQLModel

__all__ = ["METADATA", "Row", "bytes_column", "instant_column"]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(SQLModel):
    """The root of our tables: their own metadata, with names for every constraint."""

    metadata = METADATA
    __tablename__: ClassVar[Any]


def instant_column(**more: Any) -> Any:
    """Seconds since 1970; 32 bits end in 2038, within the life of an attestation."""
    return Field(sa_type=BigInteger, **more)


def bytes_column(**more: Any) -> Any:
    """Bytes as they are."""
    return Field(sa_type=LargeBinary, **more)
