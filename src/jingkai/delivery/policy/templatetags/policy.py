"""How the document's own numbers and places are printed, and who is responsible."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jingkai.core.ui.public import localname

from ..labels import kind_label, severity_label, stage_label
from ..models import AssignedBy, Responsibility, ResponsibilityRole
from ..numerals import ordinal, place_label, place_url, plain

register = template.Library()
register.filter("ordinal", ordinal)
register.filter("place", place_label)
register.filter("place_url", place_url)
register.filter("kind", kind_label)
register.filter("severity", severity_label)
register.filter("stage", stage_label)
register.filter("plain_number", plain)


@register.simple_tag
def duty_chips(duties: Iterable[Responsibility]) -> SafeString:
    """The responsible bodies as chips; who a person assigned says by whom."""
    return format_html(
        '<span class="chips">{}</span>', format_html_join("", "{}", ((_chip(d),) for d in duties))
    )


def _chip(duty: Responsibility) -> SafeString:
    role = ResponsibilityRole(duty.role)
    unspoken = role is ResponsibilityRole.UNSPECIFIED
    return format_html(
        '<a class="chip chip-link{}" href="{}"{}>{}{}</a>',
        " chip-accent" if role is ResponsibilityRole.LEAD else "",
        reverse("policy:body", args=[duty.body.code]),
        "" if duty.assigned_by != AssignedBy.PERSON else _assigned(duty),
        "" if unspoken else format_html("<b>{}</b> ", role.label),
        localname(duty.body),
    )


def _assigned(duty: Responsibility) -> SafeString:
    said = _("Assigned by %(who)s on %(when)s. The document says: %(said)s") % {
        "who": duty.assigned_actor.name if duty.assigned_actor else "",
        "when": date(duty.assigned_at, "Y-m-d"),
        "said": duty.stated_role_label,
    }
    return format_html(' title="{}"', said)
