"""Thresholds as an installation has them, and English sentences, behind every door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from jingkai.delivery.indicators.light_rules import thresholds_from
from jingkai.delivery.indicators.tests.factories import THRESHOLDS


@pytest.fixture(autouse=True)
def house() -> Iterator[None]:
    with thresholds_from(lambda code, day: THRESHOLDS), translation.override("en"):
        yield
