"""The stage that the room's tests stand on."""

from __future__ import annotations

import pytest

from jingkai.delivery.evaluation.queries.schemes import definition_of
from jingkai.delivery.evaluation.tests.factories import figure, stage
from jingkai.delivery.indicators.models import CurrentValue


@pytest.mark.django_db
def test_the_stage_holds_a_sound_scheme_and_figures_of_every_zone() -> None:
    made = stage(zones=4, national=1)
    definition = definition_of(made.version)
    assert definition.problems() == ()
    assert [leaf.code for leaf in definition.leaves] == ["OUT", "TAX", "ENERGY", "JOBS"]
    out = CurrentValue.objects.get(
        indicator=made.indicators["OUT"], zone=made.zones[2], period="2025-12"
    )
    assert out.value == round(figure("OUT", 2, 2025), 6)
