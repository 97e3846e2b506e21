"""The rows of a tree from what was written, and the checks all services share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.delivery.indicators.public import Indicator

from ..drafting import EditionDraft, NodeDraft, in_tree_order
from ..models import SchemeNode

# Dots part a column from its base in the engine's tables (`GDP.base`), so codes have none.
CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
MOST_NODES: Final = 400


def node_rows(edition: EditionDraft) -> list[SchemeNode]:
    """Unsaved rows, parents before children, without their version. 1 query.

    Raises InvalidInput naming each node that the tree cannot hold.
    """
    indicators = Indicator.objects.in_bulk(list(edition.indicators), field_name="code")
    problems = [
        FieldProblem(f"nodes.{index}.{field}", message)
        for index, node in enumerate(edition.nodes)
        for field, message in _faults(edition, index, node, indicators)
    ]
    if len(edition.nodes) > MOST_NODES:
        message = _("A scheme has at most %(most)s nodes.") % {"most": MOST_NODES}
        problems.insert(0, FieldProblem("nodes", message))
    if not problems:
        problems = list(_shape(edition))
    if problems:
        raise InvalidInput(problems=problems)
    by_code: dict[str, SchemeNode] = {}
    for position, node in enumerate(in_tree_order(edition).nodes, start=1):
        by_code[node.code] = SchemeNode(
            code=node.code,
            parent=by_code.get(node.parent),
            position=position,
            name=node.name.strip(),
            name_en=node.name_en.strip(),
            points=node.points,
            is_leaf=node.is_leaf,
            direction=node.direction if node.is_leaf else None,
            indicator=indicators.get(node.indicator),
            period_rule=node.period_rule,
            growth_share=node.growth_share,
            growth_rule=node.growth_rule,
            target=node.target,
            method=dict(node.method),
            verified=node.verified,
            note=node.note.strip(),
        )
    return list(by_code.values())


def _faults(
    edition: EditionDraft, index: int, node: NodeDraft, indicators: Mapping[str, Indicator]
) -> Iterator[tuple[str, str]]:
    """What the row of one node cannot hold: field and sentence."""
    named = {"node": node.name or node.code or _("row %(n)s") % {"n": index + 1}}
    if not node.name.strip():
        yield "name", _("Row %(n)s has no name.") % {"n": index + 1}
    if not CODE.fullmatch(node.code):
        yield (
            "code",
            _(
                "“%(node)s” needs a code of letters, digits, - and _, a letter first, at most 40 "
                "characters."
            )
            % named,
        )
    elif any(other.code == node.code for other in edition.nodes[:index]):
        message = _("The code “%(code)s” stands twice: every node needs its own.")
        yield "code", message % {"code": node.code}
    if not Decimal(0) <= node.points <= 100 or _digits(node.points) > 4:
        message = _("The points of “%(node)s” lie between 0 and 100, with at most four decimals.")
        yield "points", message % named
    if node.growth_share is not None and not 0 <= node.growth_share <= 1:
        message = _("The growth share of “%(node)s” lies between 0 and 1.")
        yield "growth_share", message % named
    if node.indicator and node.indicator not in indicators:
        message = _("“%(node)s” names the indicator “%(indicator)s”, which does not exist.")
        yield "indicator", message % {**named, "indicator": node.indicator}
    if not node.is_leaf and (node.indicator or node.growth_share is not None):
        message = _("“%(node)s” has parts below it: only a leaf is measured by an indicator.")
        yield "indicator", message % named


def _digits(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _shape(edition: EditionDraft) -> Iterator[FieldProblem]:
    """One root, known parents, no cycle: otherwise there is no tree to keep."""
    roots = [index for index, node in enumerate(edition.nodes) if not node.parent]
    if len(roots) != 1:
        message = _("There must be exactly one root, the whole; there are %(number)s.")
        yield FieldProblem("nodes", message % {"number": len(roots)})
        return
    by_code = {node.code: node for node in edition.nodes}
    for index, node in enumerate(edition.nodes):
        if node.parent and node.parent not in by_code:
            message = _("“%(node)s” stands under “%(parent)s”, which is not in the scheme.")
            said = message % {"node": node.name, "parent": node.parent}
            yield FieldProblem(f"nodes.{index}.parent", said, "unknown_parent")
            continue
        seen, above = {node.code}, node.parent
        while above in by_code and above not in seen:
            seen.add(above)
            above = by_code[above].parent
        if above in seen:
            message = _(
                "“%(node)s” stands under itself, by way of “%(through)s”: give it another parent."
            )
            said = message % {"node": node.name, "through": by_code[above].name}
            yield FieldProblem(f"nodes.{index}.parent", said, "cycle")


def needs_text(field: str, value: str, limit: int = 500) -> str:
    """`value` without outer blanks; raises InvalidInput when nothing is left or it is too long."""
    value = value.strip()
    if not value:
        message = _("Give a reason: others will read it.")
        raise InvalidInput(message, problems=[FieldProblem(field, message, "required")])
    if len(value) > limit:
        message = _("The text has %(length)d characters; at most %(limit)d fit. Shorten it.") % {
            "length": len(value),
            "limit": limit,
        }
        raise InvalidInput(message, problems=[FieldProblem(field, message, "too-long")])
    return value
