"""Code lists, data structure and dataflow, and the same as an SDMX-JSON 2.0 structure message.

`pysdmx` is imported when a structure message is asked for, not with the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.ui.public import localname
from jingkai.delivery.indicators.public import Origin, Release, visible_indicators, visible_series
from jingkai.masterdata.organisations.public import Zone

from .codes import AGENCY, ATTRIBUTES, DIMENSIONS, FLOW, MEASURE, VERSION, measure_of

if TYPE_CHECKING:
    from pysdmx.model import Codelist, Concept
    from pysdmx.model.dataflow import Component


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code and what it stands for."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class CodeList:
    """The codes of one column."""

    id: str
    column: str
    name: str
    rows: tuple[CodeRow, ...]


def code_lists(user: User) -> tuple[CodeList, ...]:
    """The code lists of what `user` may see. 3 queries."""
    indicators = list(visible_indicators(user).order_by("position", "code"))
    scopes = set(visible_series(user).values_list("scope", flat=True))
    zones = Zone.objects.filter(code__in=scopes).order_by("position", "code")
    units = {measure_of(i.unit).code: localname(i, "unit") for i in indicators}
    areas = [("CITY", _("whole city")), ("EDZ", _("all zones"))]
    areas += [(zone.code, zone.name) for zone in zones]
    lists = (
        ("FREQ", _("Frequency"), _frequencies()),
        ("INDICATOR", _("Indicator"), [(i.code, localname(i)) for i in indicators]),
        ("REF_AREA", _("Scope"), areas),
        ("OBS_STATUS", _("Observation status"), _statuses()),
        ("CONF_STATUS", _("Confidentiality"), _confidentiality()),
        ("RELEASE", _("Release"), [(r.value.upper(), str(r.label)) for r in Release]),
        ("ORIGIN", _("Origin"), [(o.value.upper(), str(o.label)) for o in Origin]),
        ("UNIT_MEASURE", _("Unit of measure"), sorted(units.items())),
    )
    return tuple(
        CodeList(f"CL_{column}", column, name, tuple(CodeRow(*row) for row in rows))
        for column, name, rows in lists
    )


def _frequencies() -> list[tuple[str, str]]:
    return [("M", _("monthly")), ("Q", _("quarterly")), ("S", _("half-yearly")), ("A", _("yearly"))]


def _statuses() -> list[tuple[str, str]]:
    return [
        ("A", _("normal value: revised or final")),
        ("E", _("estimated: some zones carried forward")),
        ("P", _("provisional: flash")),
    ]


def _confidentiality() -> list[tuple[str, str]]:
    return [("F", _("free")), ("N", _("not for publication yet"))]


def _concepts() -> dict[str, str]:
    return {
        "FREQ": _("Frequency"),
        "INDICATOR": _("Indicator"),
        "REF_AREA": _("Scope"),
        "TIME_PERIOD": _("Period"),
        "OBS_VALUE": _("Value"),
        "OBS_STATUS": _("Observation status"),
        "CONF_STATUS": _("Confidentiality"),
        "RELEASE": _("Release"),
        "ORIGIN": _("Origin"),
        "UNIT_MEASURE": _("Unit of measure"),
        "UNIT_MULT": _("Unit multiplier (power of ten)"),
    }


def structure_message(lists: Sequence[CodeList]) -> str:
    """Code lists, concepts, data structure and dataflow as SDMX-JSON 2.0."""
    from pysdmx.io.json.sdmxjson2.writer.v2_0.structure import write
    from pysdmx.model import Code, Codelist, Concept, ConceptScheme
    from pysdmx.model.dataflow import Components, Dataflow, DataStructureDefinition

    codelists = {
        one.column: Codelist(
            id=one.id,
            name=one.name,
            items=[Code(id=row.code, name=row.name) for row in one.rows],
            agency=AGENCY,
            version=VERSION,
        )
        for one in lists
    }
    base = f"{AGENCY}:CS_{FLOW}({VERSION})"
    concepts = {
        key: Concept(
            id=key,
            name=name,
            urn=f"urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={base}.{key}",
        )
        for key, name in _concepts().items()
    }
    scheme = ConceptScheme(
        id=f"CS_{FLOW}",
        name=_("Concepts"),
        items=list(concepts.values()),
        agency=AGENCY,
        version=VERSION,
    )
    components: list[Component] = [
        _component(key, concepts, codelists) for key in (*DIMENSIONS, MEASURE, *ATTRIBUTES)
    ]
    definition = DataStructureDefinition(
        id=f"DSD_{FLOW}",
        name=_("Indicators of the development zones"),
        components=Components(components),
        agency=AGENCY,
        version=VERSION,
    )
    flow = Dataflow(
        id=FLOW,
        name=_("Indicators of the development zones"),
        structure=definition,
        agency=AGENCY,
        version=VERSION,
    )
    return str(write([*codelists.values(), scheme, definition, flow]))


def _component(key: str, concepts: dict[str, Concept], codelists: dict[str, Codelist]) -> Component:
    from pysdmx.model import DataType
    from pysdmx.model.dataflow import Component, Role

    types = {
        "TIME_PERIOD": DataType.PERIOD,
        "OBS_VALUE": DataType.DECIMAL,
        "UNIT_MULT": DataType.INTEGER,
    }
    role = (
        Role.DIMENSION if key in DIMENSIONS else Role.MEASURE if key == MEASURE else Role.ATTRIBUTE
    )
    return Component(
        id=key,
        required=role is Role.DIMENSION or key in ("OBS_STATUS", "CONF_STATUS"),
        role=role,
        concept=concepts[key],
        local_dtype=types.get(key, DataType.STRING),
        local_codes=codelists.get(key),
        attachment_level="O" if role is Role.ATTRIBUTE else None,
    )
