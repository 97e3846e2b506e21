"""Forms of policy: they parse; what is allowed is decided by the services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from jingkai.core.ui.public import local_name
from jingkai.masterdata.organisations.public import Body

from .models import Responsibility, ResponsibilityRole


class RolesForm(forms.Form):
    """Lead, assisting bodies and the reason. Bodies named by the document come first."""

    lead = forms.IntegerField(required=False)
    assist = forms.TypedMultipleChoiceField(coerce=int, required=False)
    reason = forms.CharField(required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        duties: Sequence[Responsibility],
        bodies: Iterable[Body],
    ) -> None:
        super().__init__(data)
        everybody = list(bodies)
        self.named = [duty.body for duty in duties]
        named_ids = {body.pk for body in self.named}
        self.others = [body for body in everybody if body.pk not in named_ids]
        known = {body.pk: body for body in [*self.named, *everybody]}
        field = self.fields["assist"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(pk, local_name(body)) for pk, body in known.items()]
        roles = {duty.body_id: duty.role for duty in duties}
        if self.is_bound:
            self.lead_id = self["lead"].value()
            self.assist_ids = {str(pk) for pk in self["assist"].value() or ()}
        else:
            leads = [pk for pk, role in roles.items() if role == ResponsibilityRole.LEAD]
            self.lead_id = leads[0] if leads else None
            self.assist_ids = {
                str(pk) for pk, role in roles.items() if role == ResponsibilityRole.ASSIST
            }

    def options(self, bodies: Sequence[Body]) -> list[dict[str, Any]]:
        """Bodies with what is chosen for them, for the template."""
        return [
            {
                "body": body,
                "lead": str(body.pk) == str(self.lead_id or ""),
                "assist": str(body.pk) in self.assist_ids,
            }
            for body in bodies
        ]

    @property
    def named_options(self) -> list[dict[str, Any]]:
        return self.options(self.named)

    @property
    def other_options(self) -> list[dict[str, Any]]:
        return self.options(self.others)

    def problem(self) -> str:
        """The first thing wrong with what was sent, "" when it can be read."""
        if self.is_valid():
            return ""
        return _("Choose bodies from the lists shown.")


class DecisionForm(forms.Form):
    """The statement chosen ("" for none) and the reason."""

    chosen = forms.CharField(required=False)
    reason = forms.CharField(required=False)
