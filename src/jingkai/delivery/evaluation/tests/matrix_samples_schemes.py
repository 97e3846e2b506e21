"""A scheme in force with a draft beside it, for the permission matrix."""

from __future__ import annotations

from typing import Any

from .scheme_scenes import edition, published, redrafted


def scheme_samples(world: Any) -> dict[str, dict[str, object]]:
    office = world.users["office"]
    version = published(office, edition(first_year=2021), code="MATRIX", name="矩阵评价方案")
    draft = redrafted(version.scheme, office, edition(first_year=2030))
    scheme: dict[str, object] = {"code": "MATRIX"}
    now, next_one = {**scheme, "number": version.number}, {**scheme, "number": draft.number}
    key = f"MATRIX-{version.number}"
    return {
        "evaluation:scheme": scheme,
        "evaluation:draft-scheme": scheme,
        "evaluation:edit-scheme": next_one,
        "evaluation:check-scheme": next_one,
        "evaluation:publish-scheme": next_one,
        "evaluation:discard-scheme": next_one,
        "evaluation:retire-scheme": now,
        "get_scheme": scheme,
        "draft_scheme": scheme,
        "get_scheme_edition": now,
        "save_scheme_draft": next_one,
        "check_scheme_edition": now,
        "publish_scheme": next_one,
        "retire_scheme": now,
        "discard_scheme_draft": next_one,
        "compare_schemes": {"one": key, "two": key},
    }
