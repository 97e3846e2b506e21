"""The page of a return: who sees what, which buttons, the plain form, the cost."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.reporting.models import Cell, CellState, ReturnState, UnlockTicket

from .factories import NOW, Stage, fill, people_of, sent, signed, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Stage:
    return stage()


@pytest.fixture(autouse=True)
def at_work(freezer_at_now):
    """The pages ask the clock; everything here happens on one morning."""


@pytest.fixture
def freezer_at_now(monkeypatch):
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: NOW)


def browser(user: User) -> Client:
    client = signed_in(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def page(user: User, name: str, *args: object) -> str:
    response = browser(user).get(reverse(f"reporting:{name}", args=args))
    assert response.status_code == 200, response.content[:400]
    return response.content.decode()


def test_a_clerk_gets_fields_and_a_way_to_send(world):
    text = page(world.clerk, "return", world.own.pk)
    cell = world.cell()
    assert f'name="cell-{cell.pk}"' in text
    assert 'value="send"' in text
    assert world.indicators[0].name_en in text
