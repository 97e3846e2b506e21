"""The pack against the document: every bracket, every list of bodies, no borrowed sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from jingkai.packs.public import Pack, match_key

from .conftest import SHIPPED

HEADING = re.compile(r"^\(([一二三四五六七八九十]+)\)", re.M)
# A bracket may hold 区县(市): one level inside.
BRACKET = re.compile(r"\(((?:[^()]|\([^()]*\))*?负责(?:[^()]|\([^()]*\))*)\)")
HAN = re.compile(r"[\u4e00-\u9fff]+")


def measures_of(text: str) -> dict[str, str]:
    """Return ordinal → text of each measure."""
    body = text[: text.index("坚持和加强党的全面领导")]
    heads = list(HEADING.finditer(body))
    ends = [*(head.start() for head in heads[1:]), len(body)]
    return {h[1]: body[h.end() : end] for h, end in zip(heads, ends, strict=True)}


@pytest.fixture(scope="module")
def codes(pack: Pack) -> dict[str, str]:
    names = {match_key(b.name_zh): b.code for b in pack.bodies}
    return names | {match_key(a.name): b.code for b in pack.bodies for a in b.aliases}


def bodies_in(bracket: str, codes: dict[str, str]) -> tuple[tuple[str, ...], str]:
    """Return the body codes of one bracket, in order, and its wording."""
    duty = bracket.split("。")[0]
    names, marks = re.fullmatch(r"(.+?)(等?(?:按职责分工)?负责)", duty).groups()
    wording = "etc" if marks[0] == "等" else "shared" if "分工" in marks else "single"
    return tuple(codes[match_key(name)] for name in names.split("、")), wording


def test_every_bracket_names_the_bodies_of_its_clause(
    pack: Pack, codes: dict[str, str], policy_text: str
) -> None:
    found = {
        ordinal: [bodies_in(bracket, codes) for bracket in BRACKET.findall(text)]
        for ordinal, text in measures_of(policy_text).items()
    }
    assert sum(map(len, found.values())) == 101 + 1  # the first also binds zones and districts
    assert found == {
        m.ordinal_zh: [(c.bodies, str(c.wording)) for c in m.clauses] for m in pack.measures
    }


def test_measures_have_the_titles_of_the_document(pack: Pack, policy_text: str) -> None:
    titles = {k: text.split("。")[0] for k, text in measures_of(policy_text).items()}
    assert titles == {m.ordinal_zh: m.title_zh for m in pack.measures}


def annex2_bodies(text: str, codes: dict[str, str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    annex = text[text.index("重点任务清单") :]
    heads = list(re.finditer(r"^\s*(\d{1,2})\.", annex, re.M))
    ends = [*(head.start() for head in heads[1:]), len(annex)]
    for head, end in zip(heads, ends, strict=True):
        lines = [line.strip() for line in annex[head.end() : end].splitlines() if line.strip()]
        duty = re.sub(r"(按职责分工负责)?(等)?$", "", lines[1].split("。")[0])
        yield int(head[1]), tuple(codes[match_key(name)] for name in duty.split("、"))


def test_annex_2_names_the_bodies_of_each_task(
    pack: Pack, codes: dict[str, str], policy_text: str
) -> None:
    assert dict(annex2_bodies(policy_text, codes)) == {t.number: t.bodies for t in pack.tasks}


def strings_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner)
    elif isinstance(value, str):
        yield value


def test_no_sentence_of_the_document_stands_in_the_pack(pack: Pack, policy_text: str) -> None:
    """Own words: no run of 16 Chinese characters in common, titles and names of bodies apart."""
    han = "".join(HAN.findall(policy_text))
    exempt = {pack.document.title_zh, *(c.title_zh for c in pack.document.references)}
    exempt |= {b.name_zh for b in pack.bodies} | {a.name for b in pack.bodies for a in b.aliases}
    checked = 0
    for file in sorted(Path(SHIPPED).glob("*.yaml")):
        for text in strings_of(yaml.safe_load(file.read_text(encoding="utf-8"))):
            own = "".join(HAN.findall(text))
            if text in exempt or len(own) < 16:
                continue
            checked += 1
            runs = {own[i : i + 16] for i in range(len(own) - 15)}
            assert not [run for run in runs if run in han], f"{file.name}: {text}"
    assert checked > 20
