"""Reading policy documents: the reference file where it lies at hand, and growth in length.

Budget: the reference file (12,525 characters, two tables) ≤ 0.2 s. Growth: microseconds per
character at four sizes up to two million characters must stay within a factor of 1.6, and so must
long runs of what invites back-tracking. There is no peer: no other reader of such documents is
known.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._common import Line, report
from jingkai.engine.policytext import parse_policy

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "tests" / "documents" / "texts"
SIZES = (16_000, 125_000, 500_000, 2_000_000)
RUNS = (
    *("（市商务局、", "（", "达到5%", "1,000", "各市、", "一、任务\n（一）推进。\n", "\t1\n"),
    *(
        "责任单位：各县（市、区）政府、",
        "由市商务局牵头，",
        "实现全覆盖",
        "目录\n一、甲\t1\n",
        "甲占乙的5%、",
    ),
)
GROWTH = 1.6


def reference() -> str | None:
    """The reference policy, where it lies beside the repository or POLICY_FILE names it."""
    given = os.environ.get("POLICY_FILE")
    found = [Path(given)] if given else sorted((ROOT.parent / "shared" / "policy").glob("*.txt"))
    return found[0].read_text(encoding="utf-8") if found and found[0].is_file() else None


def seconds(text: str) -> float:
    """Processor time of one reading: what else the machine does is not the reader's doing."""
    start = time.process_time()
    parse_policy(text)
    return time.process_time() - start


def main() -> int:
    """Time the reference file, then sizes, then hostile runs."""
    # One long document: those with annexes would make an annex of all that follows.
    parts = [path.read_text(encoding="utf-8") for path in sorted(TEXTS.glob("*.txt"))]
    document = "\n".join(part for part in parts if "附件" not in part)
    lines = []
    if (text := reference()) is not None:
        typical = statistics.median(seconds(text) for _ in range(9))
        what = f"reference file, {len(text):,} characters"
        lines.append(Line(what, f"{typical:.3f} s", "≤ 0.2 s", typical <= 0.2))
    else:
        print("  reference file not at hand: set POLICY_FILE", file=sys.stderr)
    per_character = []
    for size in SIZES:
        sample = (document * (size // len(document) + 1))[:size]
        taken = seconds(sample)
        per_character.append(taken / size)
        lines.append(
            Line(
                f"{size:,} characters",
                f"{taken:.2f} s, {taken / size * 1e6:.2f} µs each",
                "linear",
                taken / size <= GROWTH * per_character[0],
            )
        )
    for run in RUNS:
        times = [seconds("一、任务\n" + run * (size // len(run))) for size in (40_000, 160_000)]
        lines.append(
            Line(
                f"160,000 characters of {run.strip()!r}",
                f"{times[1]:.2f} s, × {times[1] / times[0]:.1f} for × 4",
                "linear",
                times[1] <= 4 * GROWTH * times[0] + 0.05,
            )
        )
    return report("policytext", lines)


if __name__ == "__main__":
    sys.exit(main())
