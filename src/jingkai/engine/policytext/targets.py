"""Targets in running text: who is to reach what, by when, against what.

Read clause by clause. A number is a target only with a verb or a pattern that promises it and a
time it is promised for; conditions (对…给予…万元), attributes (超100亿元企业) and the past
(已达到) are not. Nothing is added: a year not printed stays empty, a base not printed too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .clause_targets import Clause
from .target import Context, Target
from .target_words import CONDITION, WITHIN
from .text import clauses, sentences


def read_targets(
    plain: str, spans: Iterable[tuple[int, int]], context: Context, place: str, keep: str = ""
) -> list[Target]:
    """Targets of paragraphs that belong together, in order. `context` is carried along.

    `keep`: the subject of every sentence that names none (a table row's indicator).
    """
    found: list[Target] = []
    for start, end in spans:
        if not context.goals:
            context = context.fresh()
        head = _TOPIC.match(plain, start, end)
        context.topic = head["of"] if head else ""
        held = None
        for a, b in sentences(plain, start, end, "。!?"):
            if not context.goals or (context.year is None and context.horizon is not None):
                context.start()
                if held is not None:
                    context.year, context.first, context.due = held
            context.strive, context.subject, context.last = False, keep, None
            context.horizons = []
            context.within = bool(WITHIN.search(plain, a, b))
            context.as_of = bool(re.match(r".{0,6}(?:截至|截止)", plain[a : a + 12]))
            context.done = plain.find("已", a, b) >= 0
            context.conditional = bool(CONDITION.search(plain, a, b))
            if not any(c in _DIGITS_OR_WORDS for c in plain[a:b]):
                continue
            for c, d in clauses(plain, a, b):
                for target in Clause(plain, c, d, context).targets():
                    target.place = place
                    found.append(target)
            if context.conditional:  # what follows aid and rewards may speak of other times
                held = None
            elif said := {m[0] for m in _HOLDS.finditer(plain, a, b)}:
                held = (context.year, context.first, context.due) if len(said) == 1 else None
    return found


_TOPIC: Final = re.compile(
    r"(?:[0-9]{1,2}[.、]|[(][0-9一二三四五六七八九十]{1,3}[)]|[—●■◆★]+)?"
    r"(?:(?:做强|做优|做大|壮大|发展|培育)+)?(?P<of>[一-龥“”A-Za-z]{2,12})[。:]"
)
# A paragraph that once says 到2030年 at the head of a clause speaks of it to its end.
_HOLDS: Final = re.compile(r"(?<![^。,:—\n)])(?:力争|争取)?(?:到|至)20[0-9]{2}年")
_DIGITS_OR_WORDS: Final = frozenset("0123456789分番倍成亿于五半覆")
