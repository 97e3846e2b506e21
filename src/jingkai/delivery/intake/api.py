"""API of intake."""

from ninja import Router

router = Router(tags=["intake"])
