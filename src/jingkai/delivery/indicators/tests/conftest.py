"""Thresholds for every test of this room: what the reference table holds in an installation."""

from __future__ import annotations

import pytest

from jingkai.delivery.indicators.light_rules import thresholds_from

from .factories import THRESHOLDS


@pytest.fixture(autouse=True)
def thresholds():
    with thresholds_from(lambda code, day: THRESHOLDS):
        yield
