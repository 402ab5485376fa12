"""Prints how often weights are called foreign, by what they really were and by the number of fresh runs.

    python -m tests.reproduce.provenance_table [BUNDLE] [--honest 80] [--other 25]

Each run is the shipped one in turn, against fresh runs drawn from the honest others; intervals are of 95 %
over the shipped runs (their draws share a population, so that those count once). `sequential` looks after 3,
5 and 10 runs as an audit does whose claims hold: it goes on only while a mark is in doubt.
"""

import argparse
import math
import random
import statistics
from pathlib import Path

from auditor.verdict.fingerprints import LEADING, compare, fingerprint_level
from auditor.verdict.prediction import LOOKS
from tests.reproduce.populations import EXAMPLES, KINDS, Marks, bench, trained

DRAWS = 100  # of fresh runs for each shipped run
SIZES = (3, 4, 5, 6, 8, 10)


def main() -> None:
    """Trains the populations and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, nargs="?", default=EXAMPLES / "digits-cnn")
    parser.add_argument("--honest", type=int, default=80)
    parser.add_argument("--other", type=int, default=25)
    asked = parser.parse_args()
    sizes = {kind: asked.honest if kind == "honest" else asked.other for kind in KINDS}
    stand = bench(asked.bundle, sum(sizes.values()))
    seeds = iter(stand.seeds)
    runs = {kind: [trained(stand.work, kind, next(seeds)) for _ in range(n)] for kind, n in sizes.items()}
    print(f"{asked.bundle.name}: {sizes}; {DRAWS} draws for each shipped run\n")
    for line in table(runs):
        print(line)


def table(runs: dict[str, list[Marks]]) -> list[str]:
    """One line a kind: the share called foreign after each number of runs, and sequentially."""
    draw = random.Random(1)
    lines = ["weights really were  " + "".join(f"n={n:<17}" for n in SIZES) + "sequential        mean n"]
    for kind, shipped in runs.items():
        cells = [share([foreign(one, runs["honest"], (n,), draw)[0] for one in shipped]) for n in SIZES]
        ended = [foreign(one, runs["honest"], LOOKS, draw) for one in shipped]
        cells.append(share([found for found, _ in ended]))
        spent = statistics.fmean(n for _, n in ended)
        lines.append(f"{kind:<21}" + "".join(f"{cell:<19}" for cell in cells) + f"{spent:.2f}")
    return [*lines, "", *distances(runs)]


def foreign(
    shipped: Marks, honest: list[Marks], looks: tuple[int, ...], draw: random.Random
) -> tuple[float, float]:
    """Share of the draws in which these weights are called foreign, and mean number of fresh runs."""
    others = [run for run in honest if run is not shipped]
    found, spent = 0, 0
    for _ in range(DRAWS):
        fresh = draw.sample(others, looks[-1])
        for n in looks:
            met = compare(shipped, fresh[:n], fingerprint_level(looks))
            if any(mark.foreign for mark in met) or not any(mark.doubtful for mark in met):
                break
        found += any(mark.foreign for mark in met)
        spent += n
    return found / DRAWS, spent / DRAWS


def share(shares: list[float]) -> str:
    """Mean and 95 % interval over shipped runs; of shares that are all alike by the rule of three."""
    centre, n = statistics.fmean(shares), len(shares)
    margin = 1.96 * statistics.stdev(shares) / math.sqrt(n) if len(set(shares)) > 1 else 3 / n
    return f"{centre:.3f} [{max(centre - margin, 0):.2f}, {min(centre + margin, 1):.2f}]"


def distances(runs: dict[str, list[Marks]]) -> list[str]:
    """How many sd of the honest runs each mark lies off, by logarithm."""
    lines = ["mean distance from honest runs, in their sd: " + ", ".join(KINDS[1:])]
    for name in sorted(runs["honest"][0], key=lambda mark: (mark not in LEADING, mark)):
        logs = {kind: [math.log(run[name]) for run in some if run[name] > 0] for kind, some in runs.items()}
        sd, centre = statistics.stdev(logs["honest"]), statistics.fmean(logs["honest"])
        cells = [f"{(statistics.fmean(logs[kind]) - centre) / sd:7.1f}" for kind in KINDS[1:]]
        lines.append(f"{'* ' if name in LEADING else '  '}{name:<26}" + "".join(cells))
    return lines


if __name__ == "__main__":
    main()
