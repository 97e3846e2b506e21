"""Composite indicators: build, 10,000-replication uncertainty and Sobol at three sizes, with peers.

Budget (design, section 8): 232 × 30, 10,000 replications in 0.5 s for arithmetic and geometric
trees and 2 s with treatment and mixed levels; per replication at least 2,000 times COINr. COINr is
run where R has it, on its own 51 × 49 example; elsewhere its medians measured before are used, and
the report says so. Sizes are synthetic (演示数据): three per cent of the cells are missing, one
indicator in six has a heavy tail. Cost must be linear in replications and in cells: at four times
the size one may cost a quarter more (caches), of units also the logarithm more (ranking). Memory
must stay under the bound that chunks and results set. Linear algebra gets one thread, and ratios to
COINr are of processor time: its times are those of one pinned core.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from math import log
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._common import Line, repeat, report
from jingkai.engine.composite import (
    Element,
    Table,
    Tree,
    build,
    mcdm,
    parse_method,
    rank_scores,
    run_sensitivity,
    run_uncertainty,
)
from jingkai.engine.composite.replications import CHUNK_BYTES, Choices

SIZES = ((51, 49), (232, 30), (2800, 60))
RUNS = 10_000
BUDGETS = {"plain": 0.5, "full": 2.0}
LINEAR = 1.25
"""Cost of one replication or cell at four times the size, against the smaller one."""
ARRAYS = 6
"""Arrays of one chunk's scores that live at the peak."""
COINR = {(51, 49): (0.097, 0.130), (232, 30): (0.118, 0.141), (2800, 60): (1.47, 1.736)}
"""Seconds of a build and of one replication: medians of COINr 1.1.14, R 4.2.2, one pinned core."""
COINR_SOURCE = "COINr 1.1.14 on R 4.2.2, one pinned core, measured beforehand"

METHOD: dict[str, Any] = {
    "impute": {"method": "mean"},
    "treat": {"method": "winsorise_then_log"},
    "normalise": {"method": "minmax", "range": [1, 100]},
    "aggregate": "arithmetic",
}
PLAIN = {"aggregate": ["arithmetic", "geometric"], "weights": {"noise": 0.25}}
FULL = {
    "impute": ["none", {"method": "mean"}, {"method": "median"}],
    "treat": {"winmax": [1, 2, 3, 4, 5]},
    "normalise": [{"method": "minmax", "range": [1, 100]}, "efficacy", "rank"],
    "aggregate": [
        "arithmetic",
        "geometric",
        {"levels": {2: "arithmetic", 3: "geometric", 4: "harmonic"}},
    ],
    "weights": {"noise": 0.25},
}
R_SCRIPT = """
suppressMessages(library(COINr))
coin <- build_example_coin(quietly = TRUE)
once <- function(k) system.time(build_example_coin(quietly = TRUE))[["elapsed"]]
build <- median(sapply(1:5, once))
wts <- get_noisy_weights(coin$Meta$Weights$Original,
  data.frame(Level = c(2, 3), NoiseFactor = c(0.25, 0.25)), Nrep = 30)
specs <- list(
  Weights = list(Address = "$Log$Aggregate$w", Distribution = wts, Type = "discrete"),
  Winmax = list(Address = "$Log$Treat$global_specs$f1_para$winmax", Distribution = 1:5,
    Type = "discrete"))
t <- system.time(suppressMessages(get_sensitivity(coin, SA_specs = specs, N = 30, SA_type = "UA",
  dset = "Aggregated", iCode = "Index")))[["elapsed"]]
cat(as.character(packageVersion("COINr")), build, t / 30)
"""


def world(units: int, indicators: int) -> tuple[Table, Tree]:
    """Synthetic units on a tree of eight pillars and two sub-indices."""
    rng = np.random.default_rng(20)
    x = rng.normal(50, 10, (units, indicators)) + rng.normal(0, 8, (units, 1))
    x[:, ::6] = np.exp(rng.normal(0, 1.2, x[:, ::6].shape))
    x[rng.random(x.shape) < 0.03] = np.nan
    one = {"weight": 1.0}
    elements = [
        Element(f"i{j}", 1, f"p{j % 8}", -1 if j % 3 == 0 else 1, one) for j in range(indicators)
    ]
    elements += [Element(f"p{k}", 2, f"s{k % 2}", None, one) for k in range(8)]
    elements += [Element(f"s{k}", 3, "index", None, one) for k in range(2)]
    elements.append(Element("index", 4, "", None, one))
    names = {f"i{j}": x[:, j] for j in range(indicators)}
    return Table(tuple(f"u{k:05d}" for k in range(units)), names, {}), Tree.of(elements)


def median(action: Callable[[], Any]) -> float:
    """Median seconds of five runs after one that does not count."""
    return statistics.median(repeat(action, 5))


def busy(action: Callable[[], Any]) -> float:
    """Processor seconds of one run: what the wall clock would show on an idle machine."""
    start = time.process_time()
    action()
    return time.process_time() - start


def peak(action: Callable[[], Any]) -> float:
    """Largest extra memory of one run, in MB."""
    tracemalloc.start()
    action()
    _now, top = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return top / 1e6


def memory_bound(units: int, indicators: int, method: Any, runs: int) -> float:
    """MB that chunks, results and variants of the data may take."""
    impute, treat, normalise, _means = Choices.of(method).sizes
    cells = 8 * units * indicators
    variants = impute * (1 + treat * (1 + 2 * normalise)) * cells
    results = runs * units * (2 if units < 2**15 else 4) + 8 * units * (units + 1)
    weights = 8 * runs * (indicators + 11)
    return (ARRAYS * CHUNK_BYTES + results + weights + variants) / 1e6


def coinr() -> tuple[dict[tuple[int, int], tuple[float, float]], str]:
    """COINr's seconds per build and per replication, and where they come from."""
    if shutil.which("Rscript") is None:
        return COINR, f"COINr skipped, no Rscript here: {COINR_SOURCE}"
    done = subprocess.run(["Rscript", "-e", R_SCRIPT], capture_output=True, text=True)
    try:
        version, once, each = done.stdout.split()[-3:]
        measured = {(51, 49): (float(once), float(each))}
    except ValueError:
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return COINR, f"COINr did not run ({reason}): {COINR_SOURCE}"
    return COINR | measured, f"COINr {version} run here on 51 x 49; other sizes {COINR_SOURCE}"


def lines_of(size: tuple[int, int], peer: tuple[float, float]) -> list[Line]:
    """Build, uncertainty and sensitivity at one size."""
    table, tree = world(*size)
    name = f"{size[0]:,} x {size[1]}"
    method = parse_method(METHOD)
    once = median(lambda: build(table, tree, method))
    lines = [
        Line(f"{name} full build", f"{once * 1e3:.1f} ms", "-", None),
        Line(f"{name} full build against COINr", f"{peer[0] / once:,.0f} x", "-", None),
    ]
    for kind, vary in (("plain", PLAIN), ("full", FULL)):
        varied = parse_method({**METHOD, "uncertainty": vary})

        def act(varied: Any = varied) -> None:
            run_uncertainty(table, tree, varied, replications=RUNS, rng=np.random.default_rng(1))

        seconds, processor = median(act), busy(act)
        budget = BUDGETS[kind] if size == (232, 30) else None
        said = "weights, two means" if kind == "plain" else "all steps, mixed levels, gaps"
        lines.append(
            Line(
                f"{name} {RUNS:,} replications: {said}",
                f"{seconds:.3f} s ({processor:.3f} CPU)",
                f"{budget} s" if budget else "-",
                seconds <= budget if budget else None,
            )
        )
        ratio = peer[1] / (processor / RUNS)
        lines.append(
            Line(
                f"{name} per replication against COINr ({kind})",
                f"{ratio:,.0f} x",
                "2,000 x" if budget else "-",
                ratio >= 2000 if budget else None,
            )
        )
        top, bound = peak(act), memory_bound(*size, varied, RUNS)
        lines.append(
            Line(f"{name} peak memory ({kind})", f"{top:.0f} MB", f"{bound:.0f} MB", top <= bound)
        )
    varied = parse_method({**METHOD, "uncertainty": FULL})

    def indices() -> None:
        run_sensitivity(table, tree, varied, rng=np.random.default_rng(1), n_base=1024)

    lines.append(
        Line(f"{name} Sobol, 7,168 evaluations, bootstrap", f"{median(indices):.3f} s", "-", None)
    )
    discrete = {key: value for key, value in FULL.items() if key != "weights"}
    counted = parse_method({**METHOD, "uncertainty": discrete})

    def exact() -> None:
        found = run_sensitivity(table, tree, counted, rng=np.random.default_rng(1))
        assert found.exact

    lines.append(Line(f"{name} Sobol, exact, 135 designs", f"{median(exact):.3f} s", "-", None))
    return lines


def linearity() -> list[Line]:
    """Cost of one replication, and of one cell, at four times the size; memory likewise."""
    varied = parse_method({**METHOD, "uncertainty": PLAIN})

    def seconds(units: int, indicators: int, runs: int) -> float:
        table, tree = world(units, indicators)

        def act() -> None:
            run_uncertainty(table, tree, varied, replications=runs, rng=np.random.default_rng(1))

        act()
        return min(busy(act) for _ in range(5))

    base = seconds(232, 30, 2 * RUNS)
    growths = (
        ("replications", seconds(232, 30, 8 * RUNS) / 4 / base, LINEAR),
        ("units", seconds(4 * 232, 30, 2 * RUNS) / 4 / base, LINEAR * log(4 * 232) / log(232)),
        ("indicators", seconds(232, 4 * 30, 2 * RUNS) / 4 / base, LINEAR),
    )
    lines = [
        Line(
            f"232 x 30 cost per unit of work, 4 x the {what}",
            f"{growth:.2f} x",
            f"{most:.2f} x",
            growth <= most,
        )
        for what, growth, most in growths
    ]
    table, tree = world(232, 30)
    for runs in (RUNS, 4 * RUNS):

        def act(runs: int = runs) -> None:
            rng = np.random.default_rng(1)
            run_uncertainty(table, tree, varied, replications=runs, rng=rng, keep_ranks=False)

        top, bound = peak(act), memory_bound(232, 30, varied, runs)
        lines.append(
            Line(
                f"232 x 30 peak memory, {runs:,} replications, ranks not kept",
                f"{top:.0f} MB",
                f"{bound:.0f} MB",
                top <= bound,
            )
        )
    return lines


def peers() -> list[Line]:
    """10,000 weight draws with TOPSIS, ranks counted, against Python packages that are here."""
    rng = np.random.default_rng(3)
    x = rng.lognormal(3, 0.5, (232, 30))
    weights = rng.dirichlet(np.ones(30), RUNS)

    def ours() -> None:
        ranks = rank_scores(mcdm.topsis(x, weights))
        np.bincount((ranks + np.arange(232) * 233).ravel())

    own = median(ours)
    lines = [Line(f"232 x 30 TOPSIS, {RUNS:,} weight draws", f"{own:.3f} s", "-", None)]
    for name, run in (("pymcdm", _pymcdm), ("scikit-criteria", _scikit_criteria)):
        try:
            seconds = run(x, weights[:200]) * RUNS / 200
        except ImportError as problem:
            lines.append(Line(f"against {name} (skipped: {problem})", "-", "-", None))
            continue
        said = f"{seconds / own:,.0f} x"
        lines.append(Line(f"against {name} (200 draws, scaled up)", said, "-", None))
    return lines


def _pymcdm(x: Any, draws: Any) -> float:
    from pymcdm.helpers import rankdata  # type: ignore[import-not-found]
    from pymcdm.methods import TOPSIS  # type: ignore[import-not-found]

    method, types = TOPSIS(), np.ones(x.shape[1])

    def act() -> None:
        for one in draws:
            rankdata(method(x, one, types), reverse=True)

    return repeat(act, 1)[0]


def _scikit_criteria(x: Any, draws: Any) -> float:
    import skcriteria  # type: ignore[import-not-found]
    from skcriteria.agg.topsis import TOPSIS  # type: ignore[import-not-found]

    method = TOPSIS()

    def act() -> None:
        for one in draws:
            method.evaluate(skcriteria.mkdm(x, [max] * x.shape[1], weights=one))

    return repeat(act, 1)[0]


def main() -> int:
    """Measure all sizes and print the table."""
    times, source = coinr()
    lines = []
    for size in SIZES:
        lines += lines_of(size, times[size])
        if "--json" not in sys.argv:
            print(f"  {size[0]:,} x {size[1]} done", file=sys.stderr)
    return report(f"composite indicators ({source})", lines + linearity() + peers())


if __name__ == "__main__":
    sys.exit(main())
