"""From the words of a policy document to measures, duties, targets, tasks and contradictions.

`parse_policy` reads a text; `as_data` makes of the reading what `jingkai policy parse --json`
prints. Pure: no files, no clock, no language of its own. Offsets are those of the text given.
"""

from __future__ import annotations

from .bodies import Identity, Known, Registry, Standing, registry_fits
from .checks_figures import check_figures
from .checks_text import check_text
from .data import as_data
from .duty import Role, Wording
from .figures import key_of_quantity
from .model import (
    BodyCount,
    BodyMention,
    Bracket,
    ClauseText,
    Finding,
    Location,
    MeasureText,
    PartText,
    Reading,
    Severity,
    StandingRule,
    TaskText,
)
from .quantities import Comparator
from .reading import read_document
from .target import Kind, Target
from .text import Text

__all__ = [
    "BodyCount",
    "BodyMention",
    "Bracket",
    "ClauseText",
    "Comparator",
    "Finding",
    "Identity",
    "Kind",
    "Known",
    "Location",
    "MeasureText",
    "PartText",
    "Reading",
    "Registry",
    "Role",
    "Severity",
    "Standing",
    "StandingRule",
    "Target",
    "TaskText",
    "Text",
    "Wording",
    "as_data",
    "key_of_quantity",
    "parse_policy",
    "registry_fits",
]


def parse_policy(
    text: str, *, registry: Registry | None = None, reference_year: int | None = None
) -> Reading:
    """Read a policy document.

    Parameters
    ----------
    text
        The document's words, one paragraph to a line; tables as `tables` describes.
    registry
        Bodies known beforehand; ask `registry_fits` whether they are the document's. Without one,
        names are made canonical by public short names and grammar.
    reference_year
        Targets due before it are reported as past; None: no such finding.

    Returns
    -------
    reading
        All offsets are those of `text`, end exclusive; those inside `targets` too.

    >>> said = ["一、总体要求", "到2030年,工业增加值达到100亿元。", "二、任务",
    ...     "(一)稳增长。扩大投资。(市商务局牵头)"]
    >>> reading = parse_policy("\\n".join(said))
    >>> reading.measures[0].clauses[0].bodies[0].name, str(reading.targets[0].value)
    ('市商务局', '100')
    """
    document = Text(text)
    use = (
        registry if registry is not None and registry_fits(registry, document.plain) else Registry()
    )
    fresh = Registry(use.names, use.place)
    read = read_document(document, fresh)
    findings = [*check_text(read), *check_figures(read, reference_year)]
    order = list(Severity)
    findings.sort(key=lambda f: order.index(f.severity))
    read.reading.findings = findings
    for target in read.reading.targets:
        target.start, target.end = document.span(target.start, target.end)
    return read.reading
