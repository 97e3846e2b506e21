"""How API callers prove who they are: the browser's session, or a bearer token."""

from __future__ import annotations

from ninja.security import django_auth

API_AUTHENTICATION = [django_auth]
