"""What the check of weights costs: against hashing alone, against its own start, against other tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pairs import amount, command, cost, in_turn, ratio
from shards import lay, lay_card

if TYPE_CHECKING:
    from run import Figures

WORKERS = len(os.sched_getaffinity(0))  # as many as the check uses
N_SHARDS, SHARD_BYTES = 8, 250 * 10**6
N_HEADERS, HEADER_SHARD_BYTES = 100, 32 * 2**20
NUMPY = """
import sys, time
from auditor.readers.bits import Plain, Vector
from auditor.readers.tally import Tally
megabytes = float(sys.argv[2])
block = memoryview(bytes(range(1, 61)) * (2**20 // 60))
start = time.perf_counter()
look = Vector() if sys.argv[1] == "numpy" else Plain()
tally = Tally("F32")
for _ in range(int(megabytes)):
    tally.add(block, look)
print(time.perf_counter() - start)
"""


def benchmarks(fmaudit: str, digits: Path) -> dict[str, Callable[[int], Figures]]:
    """The benchmarks by name."""

    def scan(pairs: int) -> Figures:
        """Digests, numbers and headers of 2 GB in one pass, against openssl on as many cores."""
        with _generated(N_SHARDS, SHARD_BYTES) as (shards, card):
            yield from _scanned(
                fmaudit, shards, card, f"{N_SHARDS} shards, {_gigabytes(shards)}", WORKERS, pairs
            )

    def file(pairs: int) -> Figures:
        """The same of one file."""
        with _generated(1, N_SHARDS * SHARD_BYTES) as (shards, card):
            yield from _scanned(fmaudit, shards, card, f"one file of {_gigabytes(shards)}", 1, pairs)

    def headers(pairs: int) -> Figures:
        """Headers alone of 100 shards, above the start."""
        with _generated(N_HEADERS, HEADER_SHARD_BYTES) as (shards, card):
            ours, bare = [fmaudit, "check", str(shards), "--no-content"], [fmaudit, "check", str(card)]
            a_s, b_s = in_turn(command(ours), command(bare), pairs)
            more = [(a - b) * 1000 for a, b in zip(a_s, b_s, strict=True)]
            yield (
                f"fmaudit check --no-content of {N_HEADERS} shards, above a check of a card alone",
                50,
                amount(more, "ms"),
            )

    def small(pairs: int) -> Figures:
        """Processor time of a check of a small clean bundle."""
        costs = [cost([fmaudit, "check", str(digits)]).cpu_s * 1000 for _ in range(pairs)]
        yield "processor time of fmaudit check digits-cnn", 200, amount(costs, "ms")

    def numpy(pairs: int) -> Figures:
        """From how many bytes on loading numpy pays; VECTOR_FROM_BYTES is set by it."""
        from auditor.rules.sweeps import VECTOR_FROM_BYTES

        size = str(VECTOR_FROM_BYTES // 2**20)
        by_numpy, plain = (
            [float(subprocess.run([sys.executable, "-c", NUMPY, how, size], capture_output=True, check=True).stdout)
             for _ in range(pairs)]
            for how in ("numpy", "plain")
        )  # fmt: skip
        ours = amount([1000 * (a - b) for a, b in zip(by_numpy, plain, strict=True)], "ms")
        yield f"{size} MB of F32 looked at with numpy, loading it included, above plain Python", 0, ours

    return {"scan": scan, "file": file, "headers": headers, "small": small, "numpy": numpy}


def peers(fmaudit: str, digits: Path, folder: Path) -> Callable[[int], Figures]:
    """The check of a small bundle against other tools on the same, which live in an environment of their own."""

    def measure(pairs: int) -> Figures:
        if not (folder / "modelscan").exists():
            print(f"no modelscan in {folder}: `make bench` puts it there")
            return
        with TemporaryDirectory(prefix="fmaudit-bench-") as temporary:
            bundle = Path(temporary) / "digits-cnn"
            shutil.copytree(digits, bundle)
            manifest = bundle / "data" / "croissant.json"
            ours = command([fmaudit, "check", str(bundle)])
            # modelscan exits with 3 where nothing was to be scanned; it reads no safetensors.
            scan = command([str(folder / "modelscan"), "-p", str(bundle)], 0, 3)
            yield "fmaudit check digits-cnn  /  modelscan of the same", 0.25, ratio(ours, scan, pairs)
            validate = command([str(folder / "mlcroissant"), "validate", "--jsonld", str(manifest)])
            name = "fmaudit check digits-cnn  /  mlcroissant validate of its manifest"
            yield name, 0.15, ratio(ours, validate, pairs)

    return measure


def _scanned(fmaudit: str, shards: Path, card: Path, what: str, workers: int, pairs: int) -> Figures:
    """Time and memory of a whole check of weights whose digests are stated."""
    files = sorted(path.name for path in shards.glob("*.safetensors"))
    if shutil.which("openssl") is None:
        raise RuntimeError("openssl is what is compared with, and it is not installed")
    # As many processes as workers, each handed the next file when it is done with one.
    script = f"printf '%s\\0' {' '.join(files)} | xargs -0 -n 1 -P {workers} openssl dgst -sha256"
    measured = ratio(
        command([fmaudit, "check", str(shards)]), command(["sh", "-c", script], cwd=str(shards)), pairs
    )
    processes = "one process" if workers == 1 else f"{workers} processes"
    yield f"fmaudit check of {what}  /  openssl dgst -sha256 in {processes}", 1.25, measured
    more = [
        cost([fmaudit, "check", str(shards)]).peak_mb - cost([fmaudit, "check", str(card)]).peak_mb
        for _ in range(3)
    ]
    yield f"peak memory of fmaudit check of {what}, above a check of a card alone", 300, amount(more, "MB")


@contextmanager
def _generated(n_shards: int, shard_bytes: int) -> Iterator[tuple[Path, Path]]:
    """A folder of shards and a folder with a card alone, both gone afterwards."""
    with TemporaryDirectory(prefix="fmaudit-bench-") as folder:
        shards, card = Path(folder) / "shards", Path(folder) / "card"
        lay(shards, n_shards, shard_bytes)
        lay_card(card)
        yield shards, card


def _gigabytes(folder: Path) -> str:
    return f"{sum(path.stat().st_size for path in folder.glob('*.safetensors')) / 1e9:.1f} GB"
