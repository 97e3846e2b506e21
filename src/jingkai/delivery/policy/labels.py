"""Words for codes that a pack brings along."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def kind_label(kind: str) -> str:
    """What kind of conflict it is, in words."""
    return {
        "contradiction": pgettext("conflict", "Contradiction"),
        "base_unstated": pgettext("conflict", "Base not stated"),
        "horizon": pgettext("conflict", "Horizon unclear"),
        "modality": pgettext("conflict", "Binding or not"),
        "scope": pgettext("conflict", "Scope"),
        "unit": pgettext("conflict", "Unit"),
        "responsibility": pgettext("conflict", "Responsibility"),
        "naming": pgettext("conflict", "Naming"),
        "drafting": pgettext("conflict", "Drafting"),
        "coverage": pgettext("conflict", "Coverage"),
        "plausibility": pgettext("conflict", "Plausibility"),
    }.get(kind, kind)


def severity_label(severity: str) -> str:
    """How much depends on it, in words."""
    return {"high": _("high"), "medium": _("medium"), "low": _("low")}.get(severity, severity)


def stage_label(stage: str) -> str:
    """How far the document has come, in words."""
    return {
        "draft": pgettext("document", "Draft"),
        "in_force": pgettext("document", "In force"),
        "repealed": pgettext("document", "Repealed"),
    }.get(stage, stage)
