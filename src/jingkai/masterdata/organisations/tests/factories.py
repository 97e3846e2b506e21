"""Bodies and zones for tests; a zone comes with its committee and its host district."""

from __future__ import annotations

from factory import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from jingkai.masterdata.organisations.models import Body, BodyKind, Zone, ZoneLevel


class BodyFactory(DjangoModelFactory):
    class Meta:
        model = Body

    code = Sequence(lambda n: f"body-{n}")
    kind = BodyKind.DEPARTMENT
    name = Sequence(lambda n: f"市测试{n}局")
    name_en = LazyAttribute(lambda body: f"Bureau {body.code}")
    position = Sequence(lambda n: n % 30_000)


class ZoneFactory(DjangoModelFactory):
    class Meta:
        model = Zone

    code = Sequence(lambda n: f"zone-{n}")
    name = Sequence(lambda n: f"测试{n}经济开发区")
    short_name = Sequence(lambda n: f"测试{n}经开区")
    name_en = LazyAttribute(lambda zone: f"Development Zone {zone.code}")
    level = ZoneLevel.PROVINCIAL
    committee = SubFactory(
        BodyFactory, kind=BodyKind.COMMITTEE, name=Sequence(lambda n: f"测试{n}经济开发区管委会")
    )
    host_district = SubFactory(
        BodyFactory, kind=BodyKind.DISTRICT, name=Sequence(lambda n: f"测试{n}区")
    )
    position = Sequence(lambda n: n % 30_000)
