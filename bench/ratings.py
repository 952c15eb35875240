"""Ratings: thousands of runs of the uncertainty of a rating, and of its sensitivity.

    python bench/ratings.py

Made-up data of the shape of the ASEM set (51 cities, 49 indicators, 8 pillars, 2 sub-indexes; a twentieth missing, skewed), and 1,000
cities by 100 indicators. Five factors: inputs, imputed values, weights of the pillars, the scale, the last mean. Times are CPU seconds of
one thread, memory is the peak of the whole process. Before a time counts, five runs must equal ratings made of their noisy tables alone.
The reference implementation of such designs is an R package that makes the rating anew for every run; there is no R here, so the ratio
given is to our own engine used that way: one rating after another in a Python loop, with draws of the same kind.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import platform
import resource
import time
from typing import Any

import numpy as np
import scipy

from interurban.ratings.definition import Definition, changed, parse_definition
from interurban.ratings.rate import rate
from interurban.ratings.runs.draws import normals
from interurban.ratings.runs.run import run_design
from interurban.ratings.runs.sensitivity import sensitivity
from interurban.ratings.runs.uncertainty import uncertainty
from interurban.ratings.table import Table, make_table

CLASS_SD = 0.03
NOISE = [{"code": "inputs", "kind": "inputs"}]
SCALES = [{"method": "min-max", "low": 1}, {"method": "z", "mean": 10, "sd": 2}]
FACTORS = [
    *NOISE,
    {"code": "imputed", "kind": "imputation"},
    {"code": "weights", "kind": "weights", "levels": [1]},
    {"code": "scale", "kind": "choice", "places": ["normalise"], "values": SCALES},
    {"code": "mean", "kind": "choice", "places": ["levels[2].aggregate"], "values": ["arithmetic", "geometric"]},
]
ALLOWED = {"uncertainty": 10.0, "Sobol": 15.0, "large": 60.0, "peak GB": 4.0}


def made_up(cities: int, indicators: int, pillars: int, factors: list[dict[str, Any]]) -> tuple[Definition, Table]:
    """A definition and a table: lognormal values, every fifth indicator strongly skewed, one cell in twenty missing."""
    random = np.random.default_rng(1)
    sigma = np.where(np.arange(indicators) % 5 == 0, 2.0, 0.4)
    values = np.exp(random.normal(0, 1, (indicators, cities)) * sigma[:, None])
    values[random.random(values.shape) < 0.05] = np.nan
    codes = [f"i{i}" for i in range(indicators)]
    raw = {
        "id": "made-up", "version": 1, "factors": factors,
        "indicators": [
            {"code": code, "parent": f"p{i * pillars // indicators}", "direction": "lower" if i % 3 == 0 else "higher"}
            for i, code in enumerate(codes)
        ],
        "levels": [
            {"name": "pillars", "parents": {f"p{i}": f"s{i % 2}" for i in range(pillars)}},
            {"name": "sub-indexes", "parents": {"s0": "index", "s1": "index"}},
            {"name": "index", "parents": {"index": ""}},
        ],
        "impute": {"method": "group-mean", "group": "half"}, "treat": "winsorise", "normalise": {"method": "min-max", "low": 1},
    }
    labels = {"half": [str(i % 2) for i in range(cities)]}
    return parse_definition(raw), make_table([f"c{i}" for i in range(cities)], dict(zip(codes, values, strict=True)), labels)


def check(definition: Definition, table: Table) -> None:
    """Five runs with noise of the inputs alone, against ratings of tables into which that noise is written."""
    noisy = changed(definition, {"factors": NOISE, "impute": "none"})
    u = np.random.default_rng(2).random((5, 1))
    found = run_design(noisy, table, u, 1).scores
    for i in range(5):
        if not np.allclose(found[i], rate(noisy, noisy_table(noisy, table, u[i])).scores(), rtol=1e-10, equal_nan=True):
            raise SystemExit("a run is not what rating its table alone gives: no time is worth anything")


def noisy_table(definition: Definition, table: Table, u: np.ndarray) -> Table:
    noise = normals(1, 0, u[:1], (len(definition.indicators), len(table.cities)))[0]
    columns = {code: table.columns[code] * (1 + CLASS_SD * noise[i]) for i, code in enumerate(definition.codes(0))}
    return Table(table.cities, columns, table.labels)


def one_at_a_time(definition: Definition, table: Table, runs: int) -> float:
    """CPU seconds per run of a loop that writes noise and weights, reads the changed definition and rates."""
    random = np.random.default_rng(3)
    began = time.process_time()
    for u in random.random((runs, len(FACTORS))):
        drawn = random.uniform(0.75, 1.25, len(definition.codes(1)))
        weights = {f"levels[0].weights.{code}": float(w) for code, w in zip(definition.codes(1), drawn, strict=True)}
        choices = {place: f["values"][int(u[i] * 2)] for i, f in enumerate(FACTORS) if f["kind"] == "choice" for place in f["places"]}
        rate(changed(definition, {**weights, **choices}), noisy_table(definition, table, u)).ranks()
    return (time.process_time() - began) / runs


def timed(name: str, allowed: float, work: Any) -> float:
    began = time.process_time()
    work()
    took = time.process_time() - began
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{name:58} {took:7.2f} s (allowed {allowed:.0f}), peak so far {peak_gb:.2f} GB")
    if took > allowed or peak_gb > ALLOWED["peak GB"]:
        raise SystemExit("too slow, or too much memory")
    return took


def main() -> None:
    print(f"{platform.processor() or platform.machine()}, NumPy {np.__version__}, SciPy {scipy.__version__}, one thread")
    definition, table = made_up(51, 49, 8, FACTORS)
    check(definition, table)
    runs_s = timed("51 x 49, 10,000 runs", ALLOWED["uncertainty"], lambda: uncertainty(definition, table, 10_000, 1).ranks())
    timed("51 x 49, Sobol design of 14,000 runs, three outputs", ALLOWED["Sobol"], lambda: sensitivity(definition, table, 2000, 1))
    alone_s = one_at_a_time(definition, table, 300)
    print(f"one at a time: {alone_s * 1e3:.2f} ms a run, together {runs_s / 10:.3f} ms: {alone_s * 1e4 / runs_s:.0f} times faster")
    large = made_up(1000, 100, 10, FACTORS)
    timed("1,000 x 100, 1,000 runs", ALLOWED["large"], lambda: uncertainty(*large, 1000, 1).ranks())


if __name__ == "__main__":
    main()
