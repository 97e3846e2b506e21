"""For every test of this room: thresholds as an installation has them, and English sentences."""

from __future__ import annotations

import pytest
from django.utils import translation

from jingkai.delivery.indicators.light_rules import thresholds_from

from .factories import THRESHOLDS
from .scenes import indicator_scene, people


@pytest.fixture(autouse=True)
def thresholds():
    with thresholds_from(lambda code, day: THRESHOLDS), translation.override("en"):
        yield


@pytest.fixture
def scene():
    """One indicator of five zones with figures, paths and a target."""
    return indicator_scene()


@pytest.fixture
def folk(scene):
    """One person of each kind, by what they are."""
    return people(scene)
