"""The targets of one clause, the stretch between two commas."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final

from ..targets import Modality
from .clause_kinds import ClauseKinds
from .quantities import (
    Comparator,
    Quantity,
    comparing_words,
    quantities,
    without_years,
    years,
)
from .subjects import (
    QUANTITY,
    divided,
    is_scope,
    joined,
    measured,
    of_area,
    of_size,
    subject_of,
    subjects_of,
)
from .target import Kind, Target
from .target_words import (
    AFTER_OK,
    ANNUAL,
    AT_LEAST_MAKES,
    CONDITION,
    CONTINUES,
    CREATES,
    DONE_BY,
    EACH,
    FROM,
    HAN,
    HAS,
    HAVING,
    IS_FROM,
    MODALITIES,
    NAMELESS,
    NEWLY,
    NOT_MET,
    OF_TRADE,
    RELATIVE,
    UNDATED,
    bound_kind,
    is_past,
    strip_verb,
)

LEVELS: Final = (Kind.LEVEL, Kind.FLOOR, Kind.CAP)
_FLOOR: Final = re.compile(r"(?:至少|最少|不少于|不低于)(?=[一-龥]{1,4}$)")


@dataclass(slots=True)
class Clause(ClauseKinds):
    """One clause; `targets` reads it."""

    def targets(self) -> list[Target]:
        text = self.plain[self.start : self.end]
        context = self.context
        whole = context.subject
        self.times = years(text)
        numbers = list(quantities(text))
        numbers = [q for q in numbers if not any(w.start <= q.start < w.end for w in self.times)]
        made: list[Target] = []
        ahead = [w for w in self.times if not w.base]
        if len(ahead) > 1 and len(numbers) == 1 and "分别" in text:
            if target := self._one(text, numbers[0]):  # “十四五”、“十五五”期间分别新增1
                made = [replace(target, year=w.year, first_year=w.first) for w in ahead]
                context.last = made[-1]
            self._remember(text)
            return made
        if (compares := RELATIVE.search(text)) is not None:
            before = [q for q in numbers if q.end <= compares.start()]
            made += self._each(text, before)
            relative = self._relative(text)
            made += relative
            stop = relative[-1].end - self.start if relative else 0
            numbers = [q for q in numbers if q.start > stop and q not in before]
        listed = len(numbers) > 1 and all(
            text[a.end : b.start] in ("、", "和") for a, b in pairwise(numbers)
        )
        if numbers and ("分别" in text or listed) and (split := self._respectively(text, numbers)):
            made += split
        else:
            made += self._each(text, numbers)
        said = context.year, context.first, context.due, context.base
        self._remember(text)
        if text.startswith("其中"):  # the whole stays what the next clause speaks of, and its year
            context.subject = whole
            context.year, context.first, context.due, context.base = said
        return made

    def _each(self, text: str, numbers: list[Quantity]) -> list[Target]:
        """The targets of numbers that each stand for themselves."""
        made: list[Target] = []
        for number in numbers:
            if number.start >= self.used and (target := self._one(text, number)):
                made += divided(target)
                self.context.last = made[-1]
        return made

    def _apart(self, target: Target) -> list[Target]:
        """甲、乙排放量分别下降10%以上: the one number is each one's."""
        count = len(re.split(r"、|和|以及|及|与", target.indicator))
        names = subjects_of(target.indicator, count)
        if len(names) < 2 or not all(measured(n) or QUANTITY.search(n) for n in names):
            return [target]
        return [replace(target, indicator=name) for name in names]

    def _remember(self, text: str) -> None:
        context = self.context
        horizons = [when for when in self.times if not when.base]
        if horizons:
            context.horizons = horizons
        for when in self.times:
            if when.base:
                context.base = when.year
            else:
                context.year, context.first, context.due = when.year, when.first, when.due
                context.base = None
                if re.search(r"力争|争取", text[max(0, when.start - 2) : when.start + 3]):
                    context.strive = True
        if self.times and not all(w.base for w in self.times):
            based = [w.year for w in self.times if w.base]
            context.base = based[-1] if based else None

    def _when(self, at: int) -> tuple[int | None, int | None, bool, bool]:
        """(year, first year, due?, stated in this clause?) that governs offset `at`."""
        own = [w for w in self.times if not w.base and w.start < at]
        if own:
            return own[-1].year, own[-1].first, own[-1].due, True
        context = self.context
        return context.year, context.first, context.due, False

    def _base(self, at: int, first: int | None) -> int | None:
        own = [w.year for w in self.times if w.base and w.start < at]
        if own:
            return own[-1]
        if any(not w.base and w.start < at for w in self.times):
            return first - 1 if first else None
        if self.context.base is not None:
            return self.context.base
        return first - 1 if first else None

    def _one(self, text: str, number: Quantity) -> Target | None:
        context = self.context
        year, first, due, own = self._when(number.start)
        lead = without_years(text, self.times, self.used, number.start)
        if IS_FROM.search(lead):
            return None
        lead = FROM.sub("", lead)
        tail = text[number.end :]
        if CONDITION.search(text[: number.start]) and not number.unit.endswith(("%", "点")):
            return None
        if NOT_MET.search(lead) or is_past(year, due, context):
            return None
        if "同比" in lead and not self._ahead(number):
            return None
        if tail.startswith("的") and not AFTER_OK.match(tail):
            return self._done_by(text, lead, number, year, first)
        if number.comparator is Comparator.EQUAL and AT_LEAST_MAKES.search(lead):
            number = replace(number, comparator=Comparator.AT_LEAST)
            lead = _FLOOR.sub("", lead)
        core = (
            lead[: len(lead) - comparing_words(lead)]
            if number.comparator
            not in (
                Comparator.EQUAL,
                Comparator.ABOUT,
                Comparator.BETWEEN,
            )
            or comparing_words(lead)
            else lead
        )
        said = len(core) < len(lead)
        if (each := EACH.search(core)) and strip_verb(core[: each.start()])[1]:
            core = core[: each.start()]  # 提高到每平方公里100亿元
            number = replace(number, unit=f"{number.unit}/{each[1]}")
        core, verb = strip_verb(core)
        counted = context.undated and (not HAN.search(core) or not tail)
        said = said or verb or counted
        target = Target(
            "",
            Kind.LEVEL,
            self.start + self.used,
            self.start + number.end,
            text,
            value=number.value,
            high=number.high,
            unit=number.unit,
            comparator=number.comparator,
            year=year,
            first_year=first,
            annual=bool(ANNUAL.search(lead)) or self._each_year_too(lead),
            cumulative="累计" in lead and "元" in number.unit,
        )
        subject = self._kind(target, core, number, said, tail, text, lead)
        if subject is None:
            return None
        dated = (
            year is not None
            or target.annual
            or target.kind is Kind.AVERAGE_GROWTH
            or (context.within and not context.conditional)
        )
        limit = (
            UNDATED.search(lead)
            and number.comparator in (Comparator.AT_MOST, Comparator.AT_LEAST)
            and AFTER_OK.match(tail)
            and not context.conditional
        )
        if not dated and not context.undated and not limit:
            return None
        counted = target.end > self.start + number.end
        subject, scope = subject_of(subject)
        if counted and scope:  # 14个产业园区改革: no scope of what is counted
            subject, scope = scope + subject, ""
        last = context.last
        if not subject:
            subject, scope = context.subject, scope or context.scope
            again = last is not None and last.kind is Kind.SHARE and last.indicator == subject
            if last is not None and again and number.unit == "%" and target.kind in LEVELS:
                target.kind, target.benchmark = Kind.SHARE, last.benchmark  # 力争达到75%
            if re.search(r"总[数量额]", lead):  # of all, not of the new ones
                subject = NEWLY.sub("", subject)
        elif subject in OF_TRADE and context.topic:
            subject = joined(context.topic, subject)
        elif context.subject and (subject in NAMELESS or NEWLY.fullmatch(subject)):
            rest = NEWLY.sub("", context.subject)
            subject = subject + rest if NEWLY.fullmatch(subject) else rest + subject
        elif context.subject and re.fullmatch(f"(?:{CREATES.pattern}|提升|升级|巩固)+", subject):
            subject += NEWLY.sub("", context.subject)  # 改造提升1亿亩, after 建成农田
        elif last is not None and number.unit == "%" == last.unit and is_scope(subject):
            subject, scope = last.indicator, subject  # 省级开发区达到50%, after 改造率
        elif len(subject) <= 5 and context.subject.endswith(subject) and "累计" not in lead:
            subject = context.subject  # 年利用量, after 固废年利用量
        elif context.last is not None:
            subject = of_size(of_area(subject, context.last.indicator), context.last.indicator)
        if not HAN.search(subject) or len(subject) > 60 or subject in ("最高", "最低", "不超过"):
            return None
        target.indicator, target.scope = subject, scope
        target.base_year = target.base_year or self._base(number.start, first)
        if target.kind in (Kind.LEVEL, Kind.FLOOR, Kind.CAP, Kind.SHARE, Kind.INTENSITY_RATIO):
            target.base_year = None
        target.modality = self._modality(lead, number.comparator, verb)
        if not own and not target.indicator:
            return None
        context.subject, context.scope = subject, scope
        self.used = target.end - self.start
        return target

    def _each_year_too(self, lead: str) -> bool:
        """每年引进30个、20个…: said once for the whole list."""
        last = self.context.last
        return bool(self.used and last is not None and last.annual and lead[:1] in "、和及")

    def _ahead(self, number: Quantity) -> bool:
        """Whether 同比增长15%以上 is said of a year's work to come, not of figures reported."""
        planned = self.context.horizon is not None and self.context.horizon.yearly
        own = any(not w.base for w in self.times)
        return (planned and not own) or number.comparator is not Comparator.EQUAL

    def _done_by(
        self, text: str, lead: str, number: Quantity, year: int | None, first: int | None
    ) -> Target | None:
        """80%以上的企业完成改造: so many of all do something."""
        done = DONE_BY.match(text, number.end) or HAS.match(text, number.end)
        if done and done.re is HAS and not HAVING.search(lead):
            return None
        if number.unit != "%" or year is None or not done:
            return None
        where, scope = subject_of(HAVING.sub("", lead))
        did = done.groupdict().get("did") or ""
        target = Target(
            where + done["who"] + did, Kind.LEVEL, self.start + self.used,
            self.start + done.end(), text, value=number.value, unit="%",
            comparator=number.comparator, year=year, first_year=first, scope=scope,
            modality=self._modality(lead, number.comparator, True),
        )  # fmt: skip
        target.kind = bound_kind(number.comparator)
        self.used = done.end()
        return target if len(target.indicator) <= 60 else None

    def _modality(self, lead: str, comparator: Comparator, verb: bool) -> Modality:
        strive = re.search(r"力争|争取|力求|努力", lead) or self.context.strive
        last = self.context.last
        if not strive and not verb and last is not None and lead.startswith("占"):
            strive = last.modality is Modality.STRIVE
        if strive:
            return Modality.STRIVE
        return MODALITIES.get(comparator, Modality.PLAIN)

    def _relative(self, text: str) -> list[Target]:
        found = RELATIVE.search(text)
        if not found or re.search(r"(?:水平|标准|平均)的[一-龥]", text[found.end() - 2 :]):
            return []
        year, first, due, _own = self._when(found.start())
        context = self.context
        if is_past(year, due, context):
            return []
        if year is None and not context.undated and not context.goals:
            return []
        lead = without_years(text, self.times, self.used, found.start())
        subject = re.sub(r"(?:,|、)?(?:均|总体|稳定|保持|持续|明显|要|应|始终|力争)*$", "", lead)
        subject = CONTINUES.sub("", subject, count=1)
        fall = re.search(r"(?:下降率|下降幅度|降幅|降低率|下降|降低)$", subject)
        if fall:
            subject = subject[: fall.start()]
        subject, scope = subject_of(subject)
        if not subject or re.fullmatch(r"(?:年均|平均)?(?:增速|增长|增幅|增长率)", subject):
            subject = context.subject + subject
        if not subject:
            return []
        comparator = {
            "不低于": Comparator.AT_LEAST,
            "不少于": Comparator.AT_LEAST,
            "不高于": Comparator.AT_MOST,
            "低于": Comparator.LESS_THAN,
            "小于": Comparator.LESS_THAN,
        }.get(found["cmp"], Comparator.MORE_THAN)
        target = Target(
            subject,
            Kind.RELATIVE,
            self.start,
            self.start + found.end(),
            text,
            unit="%",
            comparator=comparator,
            modality=self._modality(lead, comparator, True),
            year=year,
            first_year=first,
            base_year=self._base(found.start(), first),
            benchmark=found["who"],
            scope=scope,
            measured_as="reduction" if fall else "level",
        )
        if more := re.match(r"(?:的)?([0-9.]+)个百分点", text[found.end() :]):
            with suppress(InvalidOperation):
                target.value, target.unit = Decimal(more[1]), "个百分点"
                target.end += more.end()
        context.subject, context.scope, context.last = subject, scope, target
        self.used = found.end()
        return divided(target)

    def _respectively(self, text: str, numbers: list[Quantity]) -> list[Target]:
        """甲、乙分别达到1、2; 2028年、2030年分别达到1、2."""
        first_target = self._one(text, numbers[0])
        if first_target is None or len(numbers) < 2:
            return self._apart(first_target) if first_target else []
        horizons = [w for w in self.times if not w.base and w.start < numbers[0].start]
        horizons = horizons or self.context.horizons
        subjects = subjects_of(first_target.indicator, len(numbers))
        made = []
        for place, number in enumerate(numbers):
            target = replace(
                first_target,
                value=number.value,
                high=number.high,
                unit=number.unit,
                comparator=number.comparator,
                end=self.start + number.end,
            )
            if number.comparator is Comparator.EQUAL:
                target.comparator = first_target.comparator  # 分别超过1、2
            if len(horizons) == len(numbers):
                target.year, target.first_year = horizons[place].year, horizons[place].first
            elif len(subjects) == len(numbers):
                target.indicator = subjects[place]
            else:
                return [first_target]
            if target.kind in (Kind.LEVEL, Kind.FLOOR, Kind.CAP):
                target.kind = bound_kind(target.comparator)
            made.append(target)
        self.used = len(text)
        self.context.last = made[-1]
        return made
