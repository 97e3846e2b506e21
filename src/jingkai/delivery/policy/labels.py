"""Words for codes that a pack brings along."""

from django.utils.translation import gettext as _


def kind_label(kind: str) -> str:
    """What kind of conflict it is, in words."""
    return {
        "contradiction": _("Contradiction"),
        "base_unstated": _("Base not stated"),
        "horizon": _("Horizon unclear"),
        "modality": _("Binding or not"),
        "scope": _("Scope"),
        "unit": _("Unit"),
        "responsibility": _("Responsibility"),
        "naming": _("Naming"),
        "drafting": _("Drafting"),
        "coverage": _("Coverage"),
        "plausibility": _("Plausibility"),
    }.get(kind, kind)


def severity_label(severity: str) -> str:
    """How much depends on it, in words."""
    return {"high": _("high"), "medium": _("medium"), "low": _("low")}.get(severity, severity)
