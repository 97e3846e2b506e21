"""The document as a graph: parts, measures, clauses, bodies, key tasks, conflicts."""

from __future__ import annotations

import re

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise


class Document(models.Model):
    """One policy document in one version."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=300)
    number = models.CharField(_("document number"), max_length=60, blank=True)
    issuer = models.CharField(_("issuer"), max_length=120, blank=True)
    stage = models.CharField(_("stage"), max_length=60)
    version = models.CharField(_("version"), max_length=40)
    references = models.JSONField(_("based on"), default=list, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


class Part(models.Model):
    document = models.ForeignKey(Document, models.CASCADE, related_name="parts")
    code = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=200)

    class Meta:
        ordering = ["document", "position"]
        constraints = [
            models.UniqueConstraint(fields=["document", "code"], name="policy_part_code_once")
        ]

    def __str__(self) -> str:
        return self.title


class Measure(models.Model):
    """One numbered measure (一)–(十九)."""

    part = models.ForeignKey(Part, models.CASCADE, related_name="measures")
    number = models.PositiveSmallIntegerField(_("number"))
    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=200)

    class Meta:
        ordering = ["number", "code"]
        constraints = [
            models.UniqueConstraint(fields=["part", "number"], name="policy_measure_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def url(self) -> str:
        """Its page. No query: codes of a further document begin with that document's."""
        return reverse("policy:measure", args=[self.number]) + of_document(self.code)


def of_document(code: str) -> str:
    """What leads to a record of another document than the first, told by its code.

    >>> of_document("m03"), of_document("dalian-m03"), of_document("dalian-task-7")
    ('', '?document=dalian', '?document=dalian')
    >>> of_document("Q01"), of_document("dalian-Q01")
    ('', '?document=dalian')
    """
    found = re.fullmatch(r"(.+)-(?:m\d+|task-\d+|[A-Z]\w*)", code)
    return f"?document={found[1]}" if found else ""


class Wording(models.TextChoices):
    """How the document assigns: nobody is named lead unless it says so."""

    SINGLE = "single", _("responsible")
    SHARED = "shared", _("by division of duties")
    ETC = "etc", _("and others")


class Clause(models.Model):
    """One responsibility clause of a measure. `sentence` is filled by importing the document."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="clauses")
    code = models.SlugField(_("code"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=240, blank=True)
    wording = models.CharField(_("wording"), max_length=8, choices=Wording)
    sentence = models.TextField(_("sentence"), blank=True)

    class Meta:
        ordering = ["measure", "position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(wording__in=Wording.values), name="policy_clause_wording_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class KeyTask(models.Model):
    """One of the key tasks of annex 2."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="key_tasks")
    number = models.PositiveSmallIntegerField(_("number"))
    code = models.SlugField(_("code"), max_length=40, unique=True)
    group = models.PositiveSmallIntegerField(_("group"))
    group_title = models.CharField(_("group title"), max_length=80)
    group_title_en = models.CharField(max_length=160, blank=True)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=240, blank=True)
    goal = models.CharField(_("goal"), max_length=200)
    goal_en = models.CharField(_("goal in English"), max_length=300, blank=True)
    clauses = models.ManyToManyField(Clause, related_name="key_tasks", blank=True)

    class Meta:
        ordering = ["number", "code"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="policy_task_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def url(self) -> str:
        """Its page. No query: codes of a further document begin with that document's."""
        return reverse("policy:task", args=[self.number]) + self.of_document

    @property
    def of_document(self) -> str:
        """What an address by number needs beside the number: "" for the first document."""
        return of_document(self.code)


class StandingRule(models.Model):
    """Said once, binding everywhere: e.g. all districts and committees carry out every task."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="standing_rules")
    code = models.SlugField(max_length=40, unique=True)
    binds_tasks = models.BooleanField(_("binds every key task"), default=False)
    title = models.CharField(_("rule"), max_length=200)
    title_en = models.CharField(max_length=300, blank=True)
    bodies = models.ManyToManyField("organisations.Body", related_name="+")
    place = models.CharField(_("place in the document"), max_length=80)

    class Meta:
        ordering = ["document", "code"]

    def __str__(self) -> str:
        return self.title


class ResponsibilityRole(models.TextChoices):
    LEAD = "lead", _("Lead")
    ASSIST = "assist", _("Assist")
    UNSPECIFIED = "unspecified", _("Not specified")


class AssignedBy(models.TextChoices):
    DOCUMENT = "document", _("by the document")
    PERSON = "person", _("by the office")


class Responsibility(models.Model):
    """That a body answers for a clause or a key task; the role may be decided by a person.

    `document_role` keeps what the document says once a person decides otherwise; see `stated_role`.
    """

    clause = models.ForeignKey(
        Clause, models.CASCADE, null=True, blank=True, related_name="responsibilities"
    )
    task = models.ForeignKey(
        KeyTask, models.CASCADE, null=True, blank=True, related_name="responsibilities"
    )
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("order in the document"))
    role = models.CharField(
        pgettext_lazy("duty", "role"),
        max_length=12,
        choices=ResponsibilityRole,
        default=ResponsibilityRole.UNSPECIFIED,
    )
    assigned_by = models.CharField(
        _("assigned"), max_length=10, choices=AssignedBy, default=AssignedBy.DOCUMENT
    )
    document_role = models.CharField(
        _("role in the document"), max_length=12, choices=ResponsibilityRole, blank=True
    )
    assigned_actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["clause", "task", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(clause__isnull=False, task__isnull=True)
                | Q(clause__isnull=True, task__isnull=False),
                name="policy_responsibility_one_thing",
            ),
            models.UniqueConstraint(
                fields=["clause", "body"],
                condition=Q(clause__isnull=False),
                name="policy_clause_body_once",
                violation_error_message=_("This body is already named for this clause."),
            ),
            models.UniqueConstraint(
                fields=["task", "body"],
                condition=Q(task__isnull=False),
                name="policy_task_body_once",
                violation_error_message=_("This body is already named for this task."),
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(role="lead", task__isnull=False),
                name="policy_task_one_lead",
                violation_error_message=_("This task already has a lead."),
            ),
            models.UniqueConstraint(
                fields=["clause"],
                condition=Q(role="lead", clause__isnull=False),
                name="policy_clause_one_lead",
                violation_error_message=_("This clause already has a lead."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=ResponsibilityRole.values)
                & Q(assigned_by__in=AssignedBy.values),
                name="policy_responsibility_role_known",
            ),
            models.CheckConstraint(
                condition=Q(assigned_by="document") | Q(assigned_actor__isnull=False),
                name="policy_responsibility_person_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clause_id or ''}{self.task_id or ''} {self.body_id} {self.role}"

    @property
    def stated_role(self) -> str:
        """The role the document gives; "" when the document does not name this body here."""
        return self.role if self.assigned_by == AssignedBy.DOCUMENT else self.document_role

    @property
    def stated_role_label(self) -> StrOrPromise:
        """`stated_role` for people."""
        if not self.stated_role:
            return _("Not named by the document")
        return ResponsibilityRole(self.stated_role).label


class ConflictState(models.TextChoices):
    OPEN = "open", pgettext_lazy("conflict", "Open")
    DECIDED = "decided", pgettext_lazy("conflict", "Decided")


class Conflict(models.Model):
    """A place where the document contradicts itself, with all its statements.

    `statements`: list of {"key", "place", "text", "text_en", "value", "unit", "horizon", "rate",
    "base_year", "target"} in our own words; `arithmetic`: inputs for the shown computation, never
    results (see the module `arithmetic`).
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="conflicts")
    code = models.SlugField(_("code"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=160)
    title_en = models.CharField(_("English title"), max_length=240, blank=True)
    severity = models.CharField(_("severity"), max_length=10, default="warning")
    statements = models.JSONField(_("statements"))
    arithmetic = models.JSONField(_("arithmetic"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=ConflictState, default=ConflictState.OPEN
    )
    chosen = models.CharField(_("statement chosen"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ConflictState.values), name="policy_conflict_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open")
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason=""),
                name="policy_conflict_decided_by_person",
                violation_error_message=_("A decision names its person, time and reason."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def of_document(self) -> str:
        """What an address by number needs for its places: "" for the first document."""
        return of_document(self.code)
