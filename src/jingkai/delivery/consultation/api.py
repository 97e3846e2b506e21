"""API of consultation."""

from ninja import Router

router = Router(tags=["consultation"])
