"""What kind of target a number states, and the words of its subject."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from .quantities import (
    Comparator,
    Quantity,
    When,
)
from .subjects import (
    QUANTITY,
    created_subject,
    measured,
    noun_after,
)
from .target import Context, Kind, Target
from .target_words import (
    AFTER_OK,
    BOUNDS,
    CONTINUES,
    FALL,
    GROWTH,
    HAN,
    MADE,
    MODAL_END,
    NEWLY,
    NOT_A_NOUN,
    OUTLAY,
    PART_OF,
    SHARE,
    STARTS_OFF,
    UNITLESS,
    YEAR_BEFORE,
    bare_unit,
    bound_kind,
    created_by,
    is_count,
    newly,
)

_SAVED: Final = re.compile(r"(?:减碳|减排|节能|节水|节电|税收|出口|进口)")
_BARE_SUBJECT: Final = re.compile(r"[、和]?[一-龥A-Za-z0-9“”]{4,24}")


# 80种先进工艺得到推广应用.
_CAME_TRUE: Final = re.compile(
    r"(?<=[一-龥]{2})(?:得到|实现|投入|进入|入选|获得|获批|通过)[一-龥]{2,12}$"
)


@dataclass(slots=True)
class ClauseKinds:
    """A clause and how far it is read."""

    plain: str
    start: int
    end: int
    context: Context
    created: bool = False
    noun_after: bool = False
    used: int = 0
    """Offset in the clause up to which text belongs to earlier targets."""
    times: list[When] = field(default_factory=list)

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
            if any(c.isdigit() for c in core) or (tail and not AFTER_OK.match(tail)):
                return None
            return re.sub(r"^.*(?<=[一-龥]{2})实现(?=[一-龥]{4})", "", core)
        if number.grows:
            target.kind = Kind.AVERAGE_GROWTH if "年均" in lead else Kind.GROWTH
            target.annual = False
            return core
        if not unit and not (UNITLESS.search(core) and (not tail or AFTER_OK.match(tail))):
            return None
        if (
            unit in ("%", "‰")
            and (part := PART_OF.fullmatch(core))
            and (not tail or AFTER_OK.match(tail))
        ):
            target.kind, target.benchmark = Kind.SHARE, part["whole"] or part["whole2"]
            bound = BOUNDS.get(part["how"] or "")
            if bound and number.comparator is Comparator.EQUAL:
                target.comparator = bound
            return part["what"] or part["what2"]
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
        came = _CAME_TRUE.search(noun) if size == len(tail) and not HAN.search(core) else None
        if came and counted:
            target.end = self.start + number.end + size
            return STARTS_OFF.sub("", noun[: came.start()])
        making = created is None and not HAN.search(core) and MADE.search(lead)
        if (
            noun
            and counted
            and (making or (created and not HAN.search(between)) or (joined and self.noun_after))
        ):
            target.end = self.start + number.end + size
            self.noun_after = True
            name = STARTS_OFF.sub("", noun)
            said_new = self.context.last and joined and NEWLY.match(self.context.last.indicator)
            return (said_new[0] if said_new else newly(created, core)) + name
        if tail and not AFTER_OK.match(tail):
            return None
        if said:
            return created_subject(core)
        if created and not between and NEWLY.fullmatch(created[0]):
            what = MODAL_END.sub("", core[: created.start()])
            if HAN.search(what):
                return newly(created, core) + STARTS_OFF.sub("", what)  # 上市公司净增5家
        if created and created[0] == "拥有" and re.match(r"(?:、|和)?每", core):
            return core  # 每万人拥有5G基站
        if created and HAN.search(between):
            self.created = True
            if len(between) <= 4 and measured(between) and HAN.search(core[: created.start()]):
                return core  # 高速公路建成里程
            if created[0] == "新增" and HAN.search(NOT_A_NOUN.sub("", core[: created.start()])):
                return core  # 城镇新增就业
            return newly(created, core) + between
        if core.startswith("其中") and counted and HAN.search(core):
            return core
        if measured(core) and not OUTLAY.search(core):
            return core
        held = number.comparator in (Comparator.AT_LEAST, Comparator.ABOUT)
        planned = self.context.goals or self.context.horizon is not None
        held = held or (planned and bool(QUANTITY.search(core)))
        bare = held and not created and (_BARE_SUBJECT.fullmatch(core) or _SAVED.fullmatch(core))
        if bare and target.year is not None and not OUTLAY.search(core):
            return core  # 实际使用外资7000亿美元左右
        if created and not noun and not HAN.search(MODAL_END.sub("", core[: created.start()])):
            return newly(created, core) if self.context.subject else ""
        last = self.context.last
        also = last is not None and core[:1] in "、和及" and NEWLY.match(last.indicator)
        same = last is not None and (
            bare_unit(last.unit) == bare_unit(unit) or (is_count(last.unit) and is_count(unit))
        )
        same = same or (self.created and core[:1] in "、和及" and not unit.endswith("元"))
        listed = core[:1] in "、和及" or not re.search(r"(?:投资|注册|产值|收入)$", core)
        if same and listed and HAN.search(core) and len(core) <= 36:
            return (also[0] if also else "") + CONTINUES.sub("", core, count=1)
        return None
