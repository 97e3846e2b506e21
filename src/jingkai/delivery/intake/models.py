"""Documents as files: each version with its text, what was read in it, and what people decided.

A `SourceVersion` never changes its text. What the reader found stands in `SourceItem`s, each with
the place of its sentence; a person accepts, corrects, merges or rejects each before anything
becomes an obligation.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TitleFrom(models.TextChoices):
    FILE = "file", _("the name of the file")
    TEXT = "text", _("read from the text")
    PERSON = "person", _("given by a person")


class SourceDocument(models.Model):
    """One policy document through all its drafts. `policy` is the document it feeds.

    A title that nobody gave is the name of the file until a text is read, then what the text says.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    title_from = models.CharField(
        _("where the title comes from"),
        max_length=6,
        choices=TitleFrom,
        default=TitleFrom.PERSON,
    )
    policy = models.ForeignKey(
        "policy.Document",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("policy document it feeds"),
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("document file")

    def __str__(self) -> str:
        return self.title


class SourceStage(models.TextChoices):
    DRAFT = "draft", _("draft for comment")
    FINAL = "final", _("issued text")
    OTHER = "other", pgettext_lazy("document stage", "other")


class SourceState(models.TextChoices):
    READING = "reading", _("being read")
    UNREADABLE = "unreadable", _("cannot be read")
    REVIEW = "review", _("in review")
    PUBLISHED = "published", pgettext_lazy("document", "taken over")
    DISCARDED = "discarded", _("discarded")


class SourceVersion(models.Model):
    """One uploaded file of a document: its text, its reading, its review."""

    document = models.ForeignKey(SourceDocument, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    stage = models.CharField(_("stage"), max_length=8, choices=SourceStage)
    state = models.CharField(
        _("state"), max_length=10, choices=SourceState, default=SourceState.READING
    )
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    file_name = models.CharField(_("file name"), max_length=200)
    format = models.CharField(_("format"), max_length=8, blank=True)
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    # One paragraph to a line; offsets of items are those of this text, end exclusive.
    text = models.TextField(_("text"), blank=True)
    text_digest = models.CharField(max_length=64, blank=True)
    # What `engine.policytext.as_data` gave for this text, and which bodies were known then.
    reading = models.JSONField(default=dict, blank=True)
    reader = models.CharField(_("version of the reader"), max_length=20, blank=True)
    # Pages of the text for the eye: {"key", "title", "start", "end"} in order, without gaps.
    sections = models.JSONField(default=list, blank=True)
    # What the person who takes it over says about the pack: code, city, who approved.
    publication = models.JSONField(default=dict, blank=True)
    # Why it cannot be read: the code of the refusal; the words are made when shown.
    refusal = models.CharField(max_length=40, blank=True)
    refusal_params = models.JSONField(default=dict, blank=True)
    job = models.ForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    # What taking it over did: counts by kind, and the pack version it became.
    outcome = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("version of a document file")
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="intake_version_once"),
            models.UniqueConstraint(
                fields=["document", "file"],
                condition=~Q(state="discarded") & ~Q(state="unreadable"),
                name="intake_file_once",
                violation_error_message=_("This very file is already a version of the document."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=SourceState.values) & Q(stage__in=SourceStage.values),
                name="intake_version_words_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(published_by__isnull=False, published_at__isnull=False),
                name="intake_version_published_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"


class ItemKind(models.TextChoices):
    BODY = "body", _("body")
    MEASURE = "measure", _("measure")
    CLAUSE = "clause", _("clause with responsibility")
    TARGET = "target", _("target")
    TASK = "task", _("key task")
    STANDING = "standing", _("standing rule")
    FINDING = "finding", _("question of the reader")


class ItemState(models.TextChoices):
    PENDING = "pending", pgettext_lazy("reading", "to decide")
    ACCEPTED = "accepted", pgettext_lazy("reading", "accepted")
    CORRECTED = "corrected", pgettext_lazy("reading", "corrected")
    MERGED = "merged", pgettext_lazy("reading", "joined with what exists")
    REJECTED = "rejected", pgettext_lazy("reading", "rejected")


class SourceItem(models.Model):
    """One thing the reader found, and what a person decided about it."""

    version = models.ForeignKey(SourceVersion, models.CASCADE, related_name="items")
    kind = models.CharField(_("kind"), max_length=8, choices=ItemKind)
    # Stable inside the version: "m03", "m03.c02", "target:12", "task:7", "body:市商务局".
    key = models.CharField(max_length=160)
    position = models.PositiveIntegerField(_("order"))
    # Key of the item it stands in: a clause's measure, a target's clause.
    parent = models.CharField(max_length=160, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    # Index in the version's sections.
    section = models.PositiveIntegerField(default=0)
    title = models.CharField(_("title"), max_length=300)
    # As the reader gave it; never changed.
    read = models.JSONField()
    # As a person corrected it: only the fields that differ.
    corrected = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=ItemState, default=ItemState.PENDING)
    # Code of what it is, or becomes, in the product: of a body, measure, clause, task, target.
    match = models.CharField(_("joined with"), max_length=80, blank=True)
    # Proposed by the machine, never taken without a person: code and how sure (0–100).
    proposal = models.CharField(max_length=80, blank=True)
    likeness = models.PositiveSmallIntegerField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # Counts decisions: who decides names the one seen, so that nobody overrules unseen.
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["version", "position", "pk"]
        verbose_name = _("thing read in a document")
        indexes = [
            models.Index(fields=["version", "section", "position"], name="intake_item_by_page"),
            models.Index(fields=["kind", "match"], name="intake_item_by_record"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["version", "kind", "key"], name="intake_item_once"),
            models.CheckConstraint(
                condition=Q(kind__in=ItemKind.values) & Q(state__in=ItemState.values),
                name="intake_item_words_known",
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(end__gte=F("start")),
                name="intake_item_span_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_by__isnull=True)
                | (~Q(state="pending") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="intake_item_decided_by_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | ~Q(match=""),
                name="intake_item_merged_with",
                violation_error_message=_("Say with which existing record it is joined."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def data(self) -> dict[str, object]:
        """What counts: as read, with the person's corrections."""
        return {**self.read, **self.corrected}
