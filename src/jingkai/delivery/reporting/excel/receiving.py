"""A workbook comes in: judged whole, then taken whole, or answered with every mark on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import InvalidInput
from jingkai.core.files import public as files
from jingkai.core.statements import insert_rows

from ..judging import Finding, Judgement, Proposed, judge_return
from ..models import (
    Cell,
    CellOrigin,
    Explanation,
    FileOutcome,
    Level,
    Return,
    ReturnFile,
)
from ..queries.cells import cells_of
from ..services._steps import place_of
from ..services.cells import SaveResult, lock_for_filling, save_locked
from ..services.sending import submit_return
from .painting import ordered, painted_copy
from .reading import FileReading, Mark, UnitChoice, read_return_file
from .receipt import check_code
from .template import figure_text


@dataclass(frozen=True)
class Answer:
    """What came of a workbook. `marks` in order of weight; `unsent` says why it was not sent."""

    record: ReturnFile
    judgement: Judgement
    marks: tuple[Mark, ...]
    choices: tuple[UnitChoice, ...]
    content: bytes
    unsent: str = ""

    @property
    def saved(self) -> bool:
        return self.record.outcome in (FileOutcome.SAVED, FileOutcome.SENT)

    @cached_property
    def painted(self) -> bytes | None:
        """The sender's own workbook with the marks in it; None when there is nothing to mark."""
        return painted_copy(self.content, self.marks) if self.marks else None


@transaction.atomic
def receive_file(
    *,
    return_id: int,
    upload: UploadedFile[bytes],
    actor: User,
    now: datetime,
    send: bool = False,
    unsigned: bool = False,
    units: Mapping[str, str] | None = None,
) -> Answer:
    """Take a filled workbook into a return: all of it, or nothing and every reason.

    Doubts that ask for an explanation do not keep figures from being saved, only the return from
    being sent; a note beside such a figure is kept as its explanation. `unsigned` and `units` as in
    `read_return_file`; without `units`, figures that look written in another unit are asked about
    first. The file is kept by its digest as the source of the cells.

    Raises
    ------
    InvalidInput
        The file itself cannot be taken; then it is not kept either.
    NotPermitted, TransitionNotAllowed, Http404
        Not this person's return, or its figures do not change any more.
    """
    in_return = lock_for_filling(return_id, actor, _("Enter figures"))
    name = Path(upload.name or "file").name
    assert upload.file is not None
    files.identify(upload.file, name, upload.size or 0, allowed=(files.XLSX,))
    upload.seek(0)
    content = upload.read()
    cells = cells_of(in_return)
    reading = read_return_file(
        content, name, in_return, cells=cells, unsigned=unsigned, units=units
    )
    job = _Job(in_return, cells, content, name, reading, actor, now)
    if reading.problems:
        return job.refuse(FileOutcome.REFUSED)
    if reading.choices:
        return job.refuse(FileOutcome.ASKED)
    return job.take(send=send)


def answer_question(
    *,
    file_id: int,
    units: Mapping[str, str],
    actor: User,
    now: datetime,
    send: bool = False,
) -> Answer:
    """Take a kept workbook whose figures looked written in another unit, now that it is said."""
    record = ReturnFile.objects.select_related("file").filter(pk=file_id).first()
    if record is None:
        raise Http404
    upload = SimpleUploadedFile(record.name, files.path_of(record.file.digest).read_bytes())
    return receive_file(
        return_id=record.in_return_id,
        upload=upload,
        actor=actor,
        now=now,
        send=send,
        unsigned=not record.signed,
        units=units,
    )


class _Job:
    """One workbook that was read."""

    def __init__(
        self,
        in_return: Return,
        cells: Sequence[Cell],
        content: bytes,
        name: str,
        reading: FileReading,
        actor: User,
        now: datetime,
    ) -> None:
        self.in_return, self.cells = in_return, cells
        self.content, self.name = content, name
        self.reading, self.actor, self.now = reading, actor, now

    def refuse(self, outcome: FileOutcome, more: Sequence[Mark] = ()) -> Answer:
        """Nothing is written; what could be read is judged all the same, to say all at once."""
        proposed = {c.cell_id: Proposed(c.value, c.absence) for c in self.reading.changes}
        judgement = judge_return(self.in_return, cells=self.cells, proposed=proposed)
        marks = [*self.reading.problems, *more, *self._doubts(judgement.findings)]
        return self._answer(outcome, judgement, [*marks, *self.reading.notes], [])

    def take(self, *, send: bool) -> Answer:
        before = self.reading.before
        try:
            result = save_locked(
                self.in_return,
                self.cells,
                self.reading.changes,
                actor=self.actor,
                now=self.now,
                origin=CellOrigin.EXCEL,
            )
        except InvalidInput as error:
            return self.refuse(FileOutcome.REFUSED, self._of_problems(error))
        judgement = self._explain(result)
        saved = [
            [cell.pk, cell.revision, place_of(cell), before[cell.pk], _now(cell)]
            for cell in result.saved
        ]
        outcome, unsent, more = FileOutcome.SAVED, "", list[Mark]()
        if send:
            try:
                submit_return(return_id=self.in_return.pk, actor=self.actor, now=self.now)
                outcome = FileOutcome.SENT
            except InvalidInput as error:
                unsent = str(error)
                doubted = {(f.cell_id, f.rule) for f in judgement.open}
                more = [
                    mark
                    for mark in self._of_problems(error)
                    if (mark.cell_id, mark.code) not in doubted
                ]
        marks = [*more, *self._doubts(judgement.findings), *self.reading.notes]
        return self._answer(outcome, judgement, marks, saved, unsent)

    def _explain(self, result: SaveResult) -> Judgement:
        """The note beside a doubted figure is why it is right: kept as its explanation."""
        reasons = self.reading.reasons
        said = [
            finding
            for finding in result.judgement.open
            if finding.level == Level.EXPLAIN and finding.cell_id in reasons
        ]
        if not said:
            return result.judgement
        values = {change.cell_id: change.value for change in self.reading.changes}
        insert_rows(
            [
                Explanation(
                    cell_id=finding.cell_id,
                    rule_code=finding.rule,
                    value=values[finding.cell_id],
                    text=reasons[finding.cell_id],
                    actor=self.actor,
                    at=self.now,
                )
                for finding in said
            ]
        )
        audit.record(
            "reporting.cell.explained",
            actor=self.actor,
            target=self.in_return,
            at=self.now,
            summary=_("Notes of a workbook"),
            details={"cells": [[finding.cell_id, finding.rule] for finding in said]},
            row_count=len(said),
        )
        return judge_return(self.in_return, cells=self.cells)

    def _doubts(self, findings: Iterable[Finding]) -> list[Mark]:
        return [
            Mark(
                finding.level,
                *self.reading.places.get(finding.cell_id, ("", "")),
                _said(finding),
                finding.rule,
                finding.cell_id,
            )
            for finding in findings
        ]

    def _of_problems(self, error: InvalidInput) -> list[Mark]:
        marks = []
        for problem in error.problems:
            kind, _dot, number = problem.field.partition(".")
            cell_id = int(number) if kind == "cells" and number.isdigit() else None
            place = self.reading.places.get(cell_id or 0, ("", ""))
            marks.append(Mark(Level.FIX, *place, str(problem.message), problem.code, cell_id))
        return marks

    def _answer(
        self,
        outcome: FileOutcome,
        judgement: Judgement,
        marks: Sequence[Mark],
        saved: list[list[Any]],
        unsent: str = "",
    ) -> Answer:
        marks = ordered(marks)
        stored = files.store(
            SimpleUploadedFile(self.name, self.content), now=self.now, allowed=(files.XLSX,)
        )
        choices = self.reading.choices if outcome == FileOutcome.ASKED else []
        record = ReturnFile(
            in_return=self.in_return,
            file=stored,
            name=self.name[:200],
            outcome=outcome,
            signed=self.reading.signed,
            saved_cells=len(saved),
            check_code=check_code(self.in_return, stored.digest, saved, self.now),
            answer={
                "marks": [[m.level, m.sheet, m.cell, m.message, m.code, m.cell_id] for m in marks],
                "saved": saved,
                "choices": [[c.unit, c.guess, c.fits, c.of] for c in choices],
                "unsent": unsent,
            },
            actor=self.actor,
            at=self.now,
        )
        insert_rows([record])
        audit.record(
            "reporting.file.received",
            actor=self.actor,
            target=self.in_return,
            at=self.now,
            summary=self.name,
            details={
                "digest": stored.digest,
                "outcome": str(outcome),
                "check_code": record.check_code,
                "signed": self.reading.signed,
            },
            row_count=len(saved),
        )
        return Answer(record, judgement, tuple(marks), tuple(choices), self.content, unsent)


def _said(finding: Finding) -> str:
    words = [finding.message, finding.advice]
    if finding.explanation:
        words.append(_("Explained: %(text)s") % {"text": finding.explanation})
    return " ".join(word for word in words if word)


def _now(cell: Cell) -> str:
    return figure_text(cell.value, cell.absence)


def marks_of(record: ReturnFile) -> list[Mark]:
    """The marks of an answer given before."""
    return [
        Mark(Level(level), sheet, cell, message, code, cell_id)
        for level, sheet, cell, message, code, cell_id in record.answer["marks"]
    ]


def painted_again(record: ReturnFile) -> bytes:
    """The painted copy of an answer given before, from the kept original."""
    return painted_copy(files.path_of(record.file.digest).read_bytes(), marks_of(record))


def file_behind(cell: Cell) -> ReturnFile | None:
    """The workbook the cell's present figure came from, None when it came another way. 1 query."""
    if cell.origin != CellOrigin.EXCEL:
        return None
    taken = ReturnFile.objects.filter(in_return=cell.in_return_id, saved_cells__gt=0)
    for record in taken.select_related("file"):
        if any(
            pk == cell.pk and revision <= cell.revision
            for pk, revision, *_ in record.answer["saved"]
        ):
            return record
    return None
