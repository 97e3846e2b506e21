"""A paragraph about a return, written from its figures, and which number in it is which figure.

Every word is ours or the filler's own explanation, every number stands in the return: the same
figures always give the same paragraph. A note kept with a return remembers the figures behind its
numbers, so that a number is marked stale as soon as its figure is another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from jingkai.core.ui.public import is_english, localname
from jingkai.core.ui.templatetags.jingkai import number
from jingkai.delivery.indicators.public import Indicator, ValueMode

from .models import Absence
from .phrases import period_name
from .queries.grid import Grid, GridCell, Row
from .showing import figure_text

_LEVEL: Final = "0.0"
_TOLD: Final = 12  # indicators in one paragraph
_PLACES: Final = 3  # places of one indicator
_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9.,])[-−]?\d[\d,]*(?:\.\d+)?")
_DATE: Final = re.compile(
    r"(?:19|20)\d\d(?:-\w{2})?(?!\d|[.,]\d)|\d{1,2}(?:[-—–至]\d{1,2})?月|\d+\s*[年日]|第?\d季度|Q[1-4]"
)
_STOP: Final = re.compile(r"[。！？；\n]|[.!?;]\s")
_MARK: Final = re.compile("\x01(\\d+)\x02")


@dataclass(frozen=True, slots=True)
class Claim:
    """Words that say one figure: what of the cell (`value`, `change`, `planned`, `cell`)."""

    cell: int
    kind: str
    text: str

    @property
    def number(self) -> str:
        return _plain(self.text)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a paragraph; `cell` is 0 where it says no figure of the return.

    `is_stale`: the figure is another by now. `is_loose`: a number that stands in no cell.
    """

    text: str
    cell: int = 0
    kind: str = ""
    is_stale: bool = False
    is_loose: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """Sentences of pieces."""

    sentences: tuple[tuple[Piece, ...], ...]

    @property
    def joint(self) -> str:
        """What stands between two sentences."""
        return " " if is_english() else ""

    @property
    def text(self) -> str:
        return self.joint.join("".join(p.text for p in sentence) for sentence in self.sentences)


def draft_of(grid: Grid) -> Draft:
    """The paragraph of a return, in the reader's language. No query beside those of the grid."""
    writer = _Writer()
    told = _chosen(grid.rows)
    if told:
        writer.sentence(
            _("%(body)s reports “%(form)s” for %(period)s.")
            % {
                "body": localname(grid.in_return.body),
                "form": localname(grid.in_return.campaign.form),
                "period": period_name(grid.in_return.campaign.period),
            }
        )
    for row in told:
        total = _total(row)
        if total is not None:
            writer.figure(row.indicator, total, place=_place(grid, total))
        else:
            writer.places(row.indicator, grid.scopes, _highest(row))
    cells = [cell for row in grid.rows for cell in row.cells.values()]
    writer.absent(_("Not available yet: %(names)s."), grid, cells, Absence.MISSING)
    writer.absent(_("Not applicable: %(names)s."), grid, cells, Absence.NOT_APPLICABLE)
    for cell in cells:
        writer.explained(cell)
    return Draft(tuple(writer.sentences))


def _chosen(rows: Sequence[Row]) -> list[Row]:
    """Indicators with a figure, in the order of the form; of many, headlines and great changes."""
    filled = [row for row in rows if any(c.cell.value is not None for c in row.cells.values())]

    def weight(row: Row) -> tuple[bool, Decimal]:
        change = row.first.change
        return not row.indicator.is_headline, -abs(change.amount) if change else Decimal(0)

    kept = {row.item.pk for row in sorted(filled, key=weight)[:_TOLD]}
    return [row for row in filled if row.item.pk in kept]


def _total(row: Row) -> GridCell | None:
    """The one cell of a row, or its total of all zones or the city."""
    if len(row.cells) == 1:
        return row.first
    totals = (row.cells.get(scope) for scope in ("EDZ", "CITY"))
    return next((cell for cell in totals if cell and cell.cell.value is not None), None)


def _highest(row: Row) -> list[GridCell]:
    filled = [cell for cell in row.cells.values() if cell.cell.value is not None]
    return sorted(filled, key=lambda cell: (-(cell.cell.value or 0), cell.id))[:_PLACES]


def _place(grid: Grid, cell: GridCell) -> str:
    return grid.scopes.get(cell.cell.scope, "") if grid.is_matrix else ""


def claims_of(cell: GridCell) -> list[Claim]:
    """What may be said of one cell in numbers."""
    if cell.cell.value is None:
        return []
    indicator, change = cell.cell.indicator, cell.change
    found = [Claim(cell.id, "value", _amount(cell.cell.value, indicator))]
    if change is not None and (size := number(abs(change.amount))) != _LEVEL:
        text = _("%(n)s points") % {"n": size} if change.in_points else f"{size}%"
        found.append(Claim(cell.id, "change", text))
    if cell.beside.planned is not None:
        planned = round(cell.beside.planned, indicator.decimals)
        found.append(Claim(cell.id, "planned", _amount(planned, indicator)))
    return found


def _amount(value: Decimal, indicator: Indicator) -> str:
    unit = localname(indicator, "unit")
    text = figure_text(value).replace("-", "−")
    return f"{text} {unit}" if is_english() and unit not in ("%", "‰") else f"{text}{unit}"


class _Writer:
    """Puts sentences together; a claim passes through templates as a mark and comes out linked."""

    def __init__(self) -> None:
        self.sentences: list[tuple[Piece, ...]] = []
        self._claims: list[Claim] = []

    def sentence(self, text: str) -> None:
        parts = _MARK.split(text)
        pieces = (
            Piece(part) if n % 2 == 0 else self._piece(int(part)) for n, part in enumerate(parts)
        )
        self.sentences.append(tuple(piece for piece in pieces if piece.text))

    def _piece(self, number: int) -> Piece:
        claim = self._claims[number]
        return Piece(claim.text, claim.cell, claim.kind)

    def _mark(self, claim: Claim) -> str:
        self._claims.append(claim)
        return f"\x01{len(self._claims) - 1}\x02"

    def figure(self, indicator: Indicator, cell: GridCell, *, place: str) -> None:
        said = {claim.kind: self._mark(claim) for claim in claims_of(cell)}
        self.sentence(
            _("%(what)s: %(value)s%(change)s%(plan)s.")
            % {
                "what": place + (" " if is_english() and place else "") + _subject(indicator),
                "value": said["value"],
                "change": _change_words(cell) % {"change": said.get("change", "")},
                "plan": _plan_words(cell) % {"planned": said.get("planned", "")},
            }
        )

    def places(
        self, indicator: Indicator, names: Mapping[str, str], cells: Sequence[GridCell]
    ) -> None:
        said = [f"{names[cell.cell.scope]} {self._mark(claims_of(cell)[0])}" for cell in cells]
        self.sentence(
            _("%(what)s, highest: %(list)s.") % {"what": _subject(indicator), "list": _listed(said)}
        )

    def absent(self, template: str, grid: Grid, cells: Iterable[GridCell], absence: str) -> None:
        names = [
            self._mark(Claim(cell.id, "cell", _place(grid, cell) + localname(cell.cell.indicator)))
            for cell in cells
            if cell.cell.absence == absence
        ]
        if names:
            self.sentence(template % {"names": _listed(names)})

    def explained(self, cell: GridCell) -> None:
        """The filler's own words, each once."""
        for text in dict.fromkeys(f.explanation for f in cell.findings if f.explanation):
            self.sentence(
                _("On %(indicator)s the reporting body explains: %(text)s.")
                % {
                    "indicator": localname(cell.cell.indicator),
                    "text": self._mark(Claim(cell.id, "cell", text.strip().rstrip("。.；;"))),
                }
            )


def _subject(indicator: Indicator) -> str:
    name = localname(indicator)
    if indicator.value_mode != ValueMode.YTD:
        return name
    return _("%(indicator)s (year to date)") % {"indicator": name}


def _listed(words: Sequence[str]) -> str:
    return (", " if is_english() else "、").join(words)


def _change_words(cell: GridCell) -> str:
    change = cell.change
    if change is None:
        return ""
    if number(abs(change.amount)) == _LEVEL:
        return _(", level with the same period last year")
    if change.in_points:
        if change.amount > 0:
            return _(", %(change)s higher than in the same period last year")
        return _(", %(change)s lower than in the same period last year")
    if change.amount > 0:
        return _(", up %(change)s on the same period last year")
    return _(", down %(change)s on the same period last year")


def _plan_words(cell: GridCell) -> str:
    planned, value = cell.beside.planned, cell.cell.value
    if planned is None or value is None:
        return ""
    rounded = round(planned, cell.cell.indicator.decimals)
    if value == rounded:
        return _(", as planned (%(planned)s)")
    if value > rounded:
        return _(", above the planned %(planned)s")
    return _(", below the planned %(planned)s")


# -- A paragraph somebody edited: which number is which figure ---------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """What may be said in a number, and the names it stands behind."""

    names: tuple[str, ...]
    place: str
    claim: Claim


def linked(text: str, grid: Grid) -> list[dict[str, Any]]:
    """The numbers of `text` that say figures of the return: place, cell, kind and what is said.

    A number is a figure when the name of its indicator stands before it in the same sentence; a
    long number or one with decimals also when it stands in one cell only.
    """
    claims = [
        _Known(_names(cell), _place(grid, cell), claim)
        for cell in grid.cells
        if not cell.cell.part
        for claim in claims_of(cell)
    ]
    taken = [span for name in _all_names(grid) for span in _spans(name, text)]
    found: list[dict[str, Any]] = []
    for match in _numbers(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        before = _STOP.split(text[: match.start()])[-1]
        fit = [known for known in claims if known.claim.number == _plain(match[0])]
        claim = _nearest(before, fit) or _only(match[0], fit)
        if claim is not None:
            found.append(
                {
                    "start": match.start(),
                    "end": match.end(),
                    "cell": claim.cell,
                    "kind": claim.kind,
                }
            )
    return found


def _names(cell: GridCell) -> tuple[str, ...]:
    indicator = cell.cell.indicator
    return tuple(filter(None, (indicator.name, indicator.name_en)))


def _all_names(grid: Grid) -> set[str]:
    """Names whose digits are no figures: of indicators, places, the body and the form."""
    body, form = grid.in_return.body, grid.in_return.campaign.form
    names = {name for cell in grid.cells for name in _names(cell)} | set(grid.scopes.values())
    return names | {localname(body), body.name, localname(form), form.name}


def _spans(name: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(re.escape(name), text)]


def _numbers(text: str) -> list[re.Match[str]]:
    dates = [match.span() for match in _DATE.finditer(text)]
    return [
        match
        for match in _NUMBER.finditer(text)
        if not any(start < match.end() and match.start() < end for start, end in dates)
    ]


def _nearest(before: str, fit: Sequence[_Known]) -> Claim | None:
    """The claim whose indicator, then whose place, is named last before the number."""
    named = [
        (at + len(name), before.rfind(known.place), known.claim)
        for known in fit
        for name in known.names
        if (at := before.rfind(name)) >= 0
    ]
    return max(named, key=lambda row: row[:2])[2] if named else None


def _only(said: str, fit: Sequence[_Known]) -> Claim | None:
    telling = "." in said or len(_plain(said)) >= 4
    return fit[0].claim if telling and len(fit) == 1 else None


def _plain(text: str) -> str:
    """The first number of a text without sign, groups and idle zeros.

    >>> _plain("−1,234.50亿元"), _plain("12%"), _plain("无")
    ('1234.5', '12', '')
    """
    match = _NUMBER.search(text)
    if match is None:
        return ""
    digits = match[0].lstrip("-−").replace(",", "")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) or "0"


def pieces_of(text: str, links: Sequence[Mapping[str, Any]], grid: Grid) -> list[Piece]:
    """A kept paragraph as it reads now: its numbers linked, stale or loose."""
    now = {
        (claim.cell, claim.kind): claim.number for cell in grid.cells for claim in claims_of(cell)
    }
    shielded = [span for name in _all_names(grid) for span in _spans(name, text)]
    marks = [
        (
            link["start"],
            link["end"],
            Piece(
                text[link["start"] : link["end"]],
                link["cell"],
                link["kind"],
                is_stale=now.get((link["cell"], link["kind"]))
                != _plain(text[link["start"] : link["end"]]),
            ),
        )
        for link in links
    ]
    known = {start for start, _end, _piece in marks}
    marks += [
        (match.start(), match.end(), Piece(match[0], is_loose=True))
        for match in _numbers(text)
        if match.start() not in known
        and not any(start <= match.start() < end for start, end in shielded)
    ]
    found: list[Piece] = []
    at = 0
    for start, end, piece in sorted(marks, key=lambda mark: mark[0]):
        found += [Piece(text[at:start]), piece]
        at = end
    found.append(Piece(text[at:]))
    return [piece for piece in found if piece.text]
