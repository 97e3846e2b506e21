"""The API of the returns, by topic."""

from ninja import Router

router = Router(tags=["reporting"])
