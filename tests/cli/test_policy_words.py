"""The console and the web say the same about a document."""

from __future__ import annotations

from django.utils import translation

from jingkai.cli import policy_texts
from jingkai.delivery.intake import texts


def test_web_and_console_know_the_same_findings_and_refusals() -> None:
    assert texts.FINDING_KINDS == policy_texts.FINDING_KINDS
    assert texts.REFUSALS == policy_texts.REFUSALS


def test_web_and_console_say_the_same_sentences() -> None:
    with translation.override("en"):
        web = {kind: str(text) for kind, text in texts._FINDINGS.items()}
        refusals = {kind: str(text) for kind, text in texts._REFUSALS.items()}
    assert web == policy_texts._FINDINGS
    assert refusals == policy_texts._REFUSALS
