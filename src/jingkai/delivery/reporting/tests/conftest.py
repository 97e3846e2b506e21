"""For every test of this room: thresholds as an installation has them, and English sentences."""

from __future__ import annotations

import pytest
from django.utils import translation

from jingkai.delivery.indicators.light_rules import thresholds_from
from jingkai.delivery.indicators.tests.factories import THRESHOLDS


@pytest.fixture(autouse=True)
def thresholds():
    with thresholds_from(lambda code, day: THRESHOLDS), translation.override("en"):
        yield
