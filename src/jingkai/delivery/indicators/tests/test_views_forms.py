"""Recording, judging, planning and correcting: what is typed, refused, and kept."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.indicators.models import CurrentValue, StatusVoice, Trajectory, ValueEvent

from .scenes import page, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["leader", "outsider"])
def test_those_who_record_nothing_have_no_form(scene, folk, who):
    assert signed_in(folk[who]).get(page("record")).status_code == 404


def test_a_zone_clerk_is_offered_the_own_zone_only(scene, folk):
    response = signed_in(folk["zone-clerk"]).get(page("record", indicator=scene.indicator.code))
    assert [code for code, _name in response.context["scopes"]] == [scene.zones[1].code]
    assert response.context["lines"][0].period.code == "2026-11"
    other = page("record", indicator=scene.indicator.code, scope=scene.zones[0].code)
    assert signed_in(folk["zone-clerk"]).get(other).status_code == 404


def send(scene, user, **fields):
    given = {
        "indicator": scene.indicator.code,
        "scope": scene.zones[1].code,
        "period": "2026-10",
        "value": "44.5",
        "unit": "亿元",
        "release": "flash",
        "reason": "",
    }
    return signed_in(user).post(page("record"), {**given, **fields}, follow=True)


def test_a_recorded_figure_is_saved_and_said_with_what_followed(scene, folk):
    response = send(scene, folk["zone-clerk"])
    assert response.redirect_chain
    saved = CurrentValue.objects.get(series=scene.series(scene.zones[1].code), period="2026-10")
    assert saved.value == Decimal("44.5")
    assert "已记录" in text(response)
    assert "同时重算 1 个数" in text(response)


@pytest.mark.parametrize("typed", ["44.5", " 44.50 ", "４４.５", "4 4.5"])
def test_numbers_are_read_as_people_type_them(scene, folk, typed):
    send(scene, folk["zone-clerk"], value=typed)
    saved = CurrentValue.objects.get(series=scene.series(scene.zones[1].code), period="2026-10")
    assert saved.value == Decimal("44.5")


def test_another_unit_is_converted(scene, folk):
    send(scene, folk["zone-clerk"], value="445,000", unit="万元")
    saved = CurrentValue.objects.get(series=scene.series(scene.zones[1].code), period="2026-10")
    assert saved.value == Decimal("44.5")


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"value": "many"}, "value", "不是数值"),
        ({"value": ""}, "value", "空白不等于零"),
        ({"value": "1"}, "value", "累计数在同一年内不应下降"),
        ({"period": "2031-01"}, "period", "2031-01"),
        ({"unit": "吨"}, "unit", "吨"),
        ({"value": "", "withdraw": "on"}, "value", "请说明撤回原因"),
    ],
)
def test_a_bad_figure_is_refused_beside_its_field_and_nothing_is_lost(
    scene, folk, fields, field, said
):
    before = ValueEvent.objects.count()
    response = send(scene, folk["zone-clerk"], **{"reason": "", **fields})
    assert response.status_code == 422
    assert said in " ".join(response.context["form"].errors[field])
    assert f'id="error-{field}"' in text(response)
    assert response.context["form"].data["value"] == fields.get("value", "44.5")
    assert ValueEvent.objects.count() == before


def test_a_withdrawn_figure_is_withdrawn_with_its_reason(scene, folk):
    response = send(scene, folk["zone-clerk"], value="", withdraw="on", reason="重复统计")
    assert "已撤回" in text(response)
    assert not CurrentValue.objects.filter(
        series=scene.series(scene.zones[1].code), period="2026-10"
    ).exists()


def test_a_figure_of_another_zone_cannot_be_sent(scene, folk):
    assert send(scene, folk["zone-clerk"], scope=scene.zones[0].code).status_code == 404


def test_the_compiling_department_may_not_write_over_a_computed_total(scene, folk):
    response = send(scene, folk["stat-clerk"], scope="EDZ")
    assert response.status_code == 422
    assert "计算数" in " ".join(response.context["form"].errors["value"])


def test_a_judgement_stands_beside_the_rule_light(scene, folk):
    client = signed_in(folk["leader"])
    address = page("judge", scene.indicator.code)
    assert client.get(address).status_code == 200
    response = client.post(address, {"light": "red", "reason": "土地出让滞后"}, follow=True)
    voice = StatusVoice.objects.get(voice="person")
    assert (voice.light, voice.period, voice.series.scope) == ("red", "2026-10", "EDZ")
    assert "土地出让滞后" in text(response)


@pytest.mark.parametrize(
    "fields", [{"light": "red"}, {"reason": "因为"}, {"light": "blue", "reason": "x"}]
)
def test_a_judgement_needs_its_light_and_reason(scene, folk, fields):
    response = signed_in(folk["leader"]).post(page("judge", scene.indicator.code), fields)
    assert response.status_code == 422
    assert response.context["form"].errors
    assert not StatusVoice.objects.filter(voice="person").exists()


def test_who_may_not_judge_is_told_why(scene, folk):
    response = signed_in(folk["zone-clerk"]).get(page("judge", scene.indicator.code))
    assert response.status_code == 403
    assert "主责单位审核人" in text(response)


@pytest.mark.parametrize("who", ["leader", "stat-clerk", "zone-clerk"])
def test_only_the_office_plans(scene, folk, who):
    assert signed_in(folk[who]).get(page("plan", scene.indicator.code)).status_code == 403


SHAPED = {"shape": "growth", "base_period": "2025", "base_value": "300", "reason": "改按恒定增速"}


def test_a_path_is_previewed_without_being_saved(scene, folk):
    before = Trajectory.objects.count()
    response = signed_in(folk["office"]).post(
        page("plan", scene.indicator.code), {**SHAPED, "do": "preview"}
    )
    assert response.status_code == 200
    rows = response.context["preview_rows"]
    assert (rows[0]["new"], rows[0]["is_base"]) == (Decimal(300), True)
    assert (rows[-1]["new"], rows[-1]["is_horizon"]) == (Decimal(395), True)
    names = [series["name"] for series in response.context["chart"]["series"]]
    assert "拟定轨迹" in names
    assert Trajectory.objects.count() == before


def test_a_saved_path_is_the_next_version(scene, folk):
    response = signed_in(folk["office"]).post(
        page("plan", scene.indicator.code), {**SHAPED, "do": "save"}, follow=True
    )
    path = Trajectory.objects.get(series=scene.series(), is_active=True)
    assert (path.version, path.shape, path.reason) == (2, "growth", "改按恒定增速")
    assert "第 2 版" in text(response)


def test_steps_hold_at_the_points_given(scene, folk):
    signed_in(folk["office"]).post(
        page("plan", scene.indicator.code),
        {**SHAPED, "shape": "step", "point-2027": "350", "do": "save"},
    )
    path = Trajectory.objects.get(series=scene.series(), is_active=True)
    assert path.points.get(period="2028-12").planned == Decimal(350)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"shape": "zigzag"}, "zigzag"),
        ({"base_value": "x"}, "不是数值"),
        ({"base_value": "-5"}, "没有恒定增速"),
        ({"shape": "drawn", "point-2027": "abc"}, "不是数值"),
    ],
)
def test_a_path_that_cannot_be_drawn_is_explained(scene, folk, fields, said):
    response = signed_in(folk["office"]).post(
        page("plan", scene.indicator.code), {**SHAPED, **fields, "do": "save"}
    )
    assert response.status_code == 422
    assert said in text(response)
    assert Trajectory.objects.filter(series=scene.series()).count() == 1


def test_single_points_are_moved_with_a_reason(scene, folk):
    client, address = signed_in(folk["office"]), page("plan", scene.indicator.code)
    fields = client.get(address).context["moved"]
    sent = {
        f"point-{code}": field.prepare_value(field.initial) for code, field in fields.fields.items()
    }
    sent["point-2026-11"] = str(fields.fields["2026-11"].initial + 1)
    refused = client.post(address, {**sent, "do": "move"})
    assert refused.status_code == 422
    assert refused.context["why"].errors
    client.post(address, {**sent, "move-reason": "春节错月", "do": "move"})
    path = Trajectory.objects.get(series=scene.series(), is_active=True)
    assert path.version == 2
    assert path.parameters["moved"].keys() == {"2026-11"}


def test_statements_are_corrected_by_the_office_and_read_by_others(scene, folk):
    address = page("targets", scene.indicator.code, edit=scene.target.code)
    fields = {"value": "400", "base_year": "2025", "base_value": "", "is_leading": "on"}
    assert signed_in(folk["leader"]).post(address, fields).status_code == 403
    client = signed_in(folk["office"])
    assert client.get(address).context["form"] is not None
    assert client.post(address, {**fields, "base_year": "2035"}).status_code == 422
    assert client.post(address, fields, follow=True).status_code == 200
    scene.target.refresh_from_db()
    assert scene.target.value == Decimal(400)
