"""Bodies and zones for tests."""

from __future__ import annotations

from factory import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from jingkai.masterdata.organisations.models import Body, BodyKind, Zone, ZoneLevel


class BodyFactory(DjangoModelFactory):
    """A department."""

    class Meta:
        model = Body

    code = Sequence(lambda n: f"body-{n}")
    kind = BodyKind.DEPARTMENT
    name = Sequence(lambda n: f"测试局{n}")
    name_en = Sequence(lambda n: f"Test bureau {n}")


class ZoneFactory(DjangoModelFactory):
    """A zone with its committee and its host district."""

    class Meta:
        model = Zone

    code = Sequence(lambda n: f"zone-{n}")
    name = Sequence(lambda n: f"测试经济开发区{n}")
    short_name = LazyAttribute(lambda zone: zone.name[:30])
    name_en = Sequence(lambda n: f"Test zone {n}")
    level = ZoneLevel.NATIONAL
    committee = SubFactory(BodyFactory, kind=BodyKind.COMMITTEE)
    host_district = SubFactory(BodyFactory, kind=BodyKind.DISTRICT)
