"""The pages of a return, knocked at as a person does, in English."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from jingkai.core.accounts.models import User
from jingkai.core.accounts.tests.factories import signed_in


def browser(user: User) -> Client:
    client = signed_in(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def get(user: User, name: str, *args: object) -> HttpResponse:
    return browser(user).get(reverse(f"reporting:{name}", args=args))


def post(user: User, name: str, *args: object, **data: object) -> HttpResponse:
    return browser(user).post(reverse(f"reporting:{name}", args=args), data)


def page(user: User, name: str, *args: object) -> str:
    response = get(user, name, *args)
    assert response.status_code == 200
    return response.content.decode()
