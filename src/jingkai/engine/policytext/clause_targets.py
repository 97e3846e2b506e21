"""The targets of one clause, the stretch between two commas."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final

from ..targets import Modality
from .quantities import (
    Comparator,
    Quantity,
    When,
    comparing_words,
    quantities,
    without_years,
    years,
)
from .subjects import (
    created_subject,
    divided,
    measured,
    noun_after,
    of_area,
    of_size,
    subject_of,
    subjects_of,
)
from .target import Context, Kind, Target
from .target_words import (
    AFTER_OK,
    ANNUAL,
    AT_LEAST_MAKES,
    BOUNDS,
    CONDITION,
    CONTINUES,
    DONE_BY,
    FALL,
    GROWTH,
    HAN,
    MADE,
    MODAL_END,
    MODALITIES,
    NAMELESS,
    NEWLY,
    NOT_A_NOUN,
    NOT_MET,
    OUTLAY,
    PART_OF,
    RELATIVE,
    SHARE,
    STARTS_OFF,
    UNDATED,
    UNITLESS,
    YEAR_BEFORE,
    bound_kind,
    created_by,
    is_count,
    is_past,
    newly,
    strip_verb,
)

_FLOOR: Final = re.compile(r"(?:至少|最少|不少于|不低于)(?=[一-龥]{1,4}$)")


@dataclass(slots=True)
class Clause:
    plain: str
    start: int
    end: int
    context: Context
    created: bool = False
    noun_after: bool = False
    used: int = 0
    """Offset in the clause up to which text belongs to earlier targets."""
    times: list[When] = field(default_factory=list)

    def targets(self) -> list[Target]:
        text = self.plain[self.start : self.end]
        context = self.context
        whole = context.subject
        self.times = years(text)
        numbers = list(quantities(text))
        numbers = [q for q in numbers if not any(w.start <= q.start < w.end for w in self.times)]
        made: list[Target] = []
        if self._compares(text):
            before = [q for q in numbers if q.end <= self._compares(text)]
            for number in before:
                if number.start >= self.used and (target := self._one(text, number)):
                    made += divided(target)
                    context.last = made[-1]
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
            for number in numbers:
                if number.start >= self.used and (target := self._one(text, number)):
                    made += divided(target)
                    context.last = made[-1]
        if text.startswith("其中"):  # the whole stays what the next clause speaks of
            context.subject = whole
        self._remember(text)
        return made

    def _compares(self, text: str) -> int:
        """Where the clause begins to compare with a benchmark; 0: it does not."""
        found = RELATIVE.search(text)
        return found.start() if found else 0

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
            annual=bool(ANNUAL.search(lead)),
            cumulative="累计" in lead and "元" in number.unit,
        )
        subject = self._kind(target, core, number, said, tail, text, lead)
        if subject is None:
            return None
        dated = (
            year is not None
            or target.annual
            or target.kind is Kind.AVERAGE_GROWTH
            or context.within
        )
        limit = (
            UNDATED.search(lead)
            and number.comparator in (Comparator.AT_MOST, Comparator.AT_LEAST)
            and AFTER_OK.match(tail)
            and not context.conditional
        )
        if not dated and not context.undated and not limit:
            return None
        subject, scope = subject_of(subject)
        if not subject:
            subject, scope = context.subject, scope or context.scope
            if re.search(r"总[数量额]", lead):  # of all, not of the new ones
                subject = NEWLY.sub("", subject)
        elif context.subject and (subject in NAMELESS or NEWLY.fullmatch(subject)):
            rest = NEWLY.sub("", context.subject)
            subject = subject + rest if NEWLY.fullmatch(subject) else rest + subject
        elif context.last is not None:
            subject = of_size(of_area(subject, context.last.indicator), context.last.indicator)
        if not subject or not HAN.search(subject) or len(subject) > 60:
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

    def _ahead(self, number: Quantity) -> bool:
        """Whether 同比增长15%以上 is said of a year's work to come, not of figures reported."""
        planned = self.context.horizon is not None and self.context.horizon.yearly
        own = any(not w.base for w in self.times)
        return planned and not own or number.comparator is not Comparator.EQUAL

    def _done_by(
        self, text: str, lead: str, number: Quantity, year: int | None, first: int | None
    ) -> Target | None:
        """80%以上的企业完成改造: so many of all do something."""
        done = DONE_BY.match(text, number.end)
        if number.unit != "%" or year is None or not done:
            return None
        where, scope = subject_of(lead)
        target = Target(
            where + done["who"] + done["did"], Kind.LEVEL, self.start + self.used,
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

    def _kind(
        self,
        target: Target,
        core: str,
        number: Quantity,
        said: bool,
        tail: str,
        text: str,
        lead: str,
    ) -> str | None:
        """Settle the kind; return the words of the subject, or None when it is no target."""
        unit = number.unit
        share = SHARE.search(core)
        if share and unit in ("番", "倍"):
            target.kind = Kind.GROWTH
            return MODAL_END.sub("", core)
        if share:
            target.kind, target.benchmark = Kind.SHARE, share["whole"]
            return core[: share.start()]
        if number.whole:  # 全覆盖
            return None if tail and not AFTER_OK.match(tail) else core
        if not unit and not (UNITLESS.search(core) and (not tail or AFTER_OK.match(tail))):
            return None
        if (
            unit in ("%", "‰")
            and (part := PART_OF.fullmatch(core))
            and (not tail or AFTER_OK.match(tail))
        ):
            target.kind, target.benchmark = Kind.SHARE, part["whole"]
            bound = BOUNDS.get(part["how"])
            if bound and number.comparator is Comparator.EQUAL:
                target.comparator = bound
            return part["what"]
        if (
            unit.endswith(("%", "‰", "百分点", "番", "倍"))
            or GROWTH.search(core)
            or FALL.search(core)
        ):
            if fall := FALL.search(core):
                target.kind = Kind.REDUCTION
                target.annual = bool(fall["avg"])
                return core[: fall.start()]
            if unit == "番":
                target.kind = Kind.GROWTH
                return MODAL_END.sub("", re.sub(r"(?:实现|比|较)+$", "", core))
            if growth := GROWTH.search(core):
                average = bool(growth["avg"]) and unit == "%"
                target.kind = Kind.AVERAGE_GROWTH if average else Kind.GROWTH
                target.annual = False if average else bool(growth["avg"])
                subject = core[: growth.start()]
                if before := YEAR_BEFORE.search(subject):
                    target.base_year = target.year - 1 if target.year else None
                    subject = subject[: before.start()]
                if (
                    growth["verb"] in ("增速", "增幅")
                    and not growth["avg"]
                    and not HAN.search(subject)
                ):
                    return subject
                return subject
            if unit.endswith(("百分点", "倍")) and not said:
                return None
            if not said and not re.search(
                r"率$|比例$|比重$|占比$|覆盖面$|强度$|水平$|程度$|浓度$", MODAL_END.sub("", core)
            ):
                return None
            if tail and not AFTER_OK.match(tail):
                return None
            target.kind = bound_kind(number.comparator)
            return core
        if number.magnitude and not AFTER_OK.match(tail):
            return None
        target.kind = Kind.INTENSITY_RATIO if "/" in unit else bound_kind(number.comparator)
        created = created_by(core)
        noun, size = noun_after(text, number.end)
        between = MODAL_END.sub("", core[created.end() :]) if created else ""
        joined = self.used and re.fullmatch(r"(?:、|和|及|以及|与|,)*", core)
        counted = not unit.endswith(("元", "岁", "/小时"))
        making = created is None and not HAN.search(core) and MADE.search(lead)
        if (
            noun
            and counted
            and (making or (created and not HAN.search(between)) or (joined and self.noun_after))
        ):
            target.end = self.start + number.end + size
            self.noun_after = True
            name = STARTS_OFF.sub("", noun)
            return newly(created, core) + name
        if tail and not AFTER_OK.match(tail):
            return None
        if said:
            return created_subject(core)
        if created and HAN.search(between):
            self.created = True
            if created[0] == "新增" and HAN.search(NOT_A_NOUN.sub("", core[: created.start()])):
                return core  # 城镇新增就业
            return newly(created, core) + between
        if core.startswith("其中") and counted and HAN.search(core):
            return core
        if measured(core) and not OUTLAY.search(core):
            return core
        planned = self.context.goals or self.context.horizon is not None
        bound = number.comparator is Comparator.AT_LEAST
        if planned and bound and re.fullmatch(r"[、和]?[一-龥A-Za-z0-9“”]{4,24}", core):
            if not created and not OUTLAY.search(core):
                return core
        if created and not noun and not HAN.search(MODAL_END.sub("", core[: created.start()])):
            return ""
        last = self.context.last
        also = last is not None and core[:1] in "、和及" and NEWLY.match(last.indicator)
        same = last is not None and (last.unit == unit or (is_count(last.unit) and is_count(unit)))
        listed = core[:1] in "、和及" or not re.search(r"(?:投资|注册|产值|收入)$", core)
        if same and listed and HAN.search(core) and len(core) <= 36:
            return (also[0] if also else "") + CONTINUES.sub("", core, count=1)
        return None

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
            return [first_target] if first_target else []
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
