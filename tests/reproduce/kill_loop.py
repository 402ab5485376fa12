"""Kills an audit at random moments, resumes it, and holds its report against that of an unbroken one.

    python tests/reproduce/kill_loop.py 50 --jobs 2

Every kill is one of its own: a fresh run directory, SIGKILL at a moment drawn over the whole length of an
audit, then the same command to the end. Checkpoints are written every few steps, so that most kills meet
one. Prints how many reports were equal, and what the kills met.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.commands.reproducing import EXAMPLES, change, untimed  # noqa: E402

OFTEN = """
import auditor.training.checkpoint as checkpoint
checkpoint.Checkpoints.__init__.__kwdefaults__["every_s"] = 0.02
checkpoint.SHARE = 1.0
from auditor.cli import main
main()
"""


def small_bundle(folder, epochs=4):
    """The digits example with fewer epochs."""
    bundle = Path(shutil.copytree(EXAMPLES / "digits-cnn", folder / "digits-cnn"))
    change(bundle / "recipe.yaml", "epochs: 10", f"epochs: {epochs}")
    return bundle


def words(bundle, run_dir, *options):
    """A call of `fmaudit reproduce` that writes checkpoints often."""
    call = [sys.executable, "-c", OFTEN, "reproduce", str(bundle), "--run-dir", str(run_dir)]
    return [*call, "--seeds", "3", "--format", "json", *options]


def finish(bundle, run_dir, *options):
    """The report without its timing, of an audit that ran to its end."""
    ended = subprocess.run(words(bundle, run_dir, *options), capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1, 3), ended.stderr
    return untimed(ended.stdout)


def killed(bundle, run_dir, after_s, *options):
    """Whether an audit was killed `after_s` seconds after its start; else it had ended before."""
    process = subprocess.Popen(
        words(bundle, run_dir, *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def met(run_dir):
    """What a kill left behind, in a few words."""
    n_records = len(list(run_dir.glob("runs/*/record.json")))
    n_checkpoints = len(list(run_dir.glob("runs/*/checkpoint.safetensors")))
    return f"{n_records} finished, {n_checkpoints} with a checkpoint"


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kills", type=int)
    parser.add_argument("--jobs", default="1")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng, options = random.Random(asked.seed), ("--jobs", asked.jobs)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = small_bundle(folder)
        began = time.monotonic()
        unbroken = finish(bundle, folder / "unbroken", *options)
        length_s = time.monotonic() - began
        equal, n_killed, left = 0, 0, Counter()
        for number in range(asked.kills):
            run_dir = folder / f"run-{number}"
            n_killed += killed(bundle, run_dir, rng.uniform(0, length_s), *options)
            left[met(run_dir)] += 1
            equal += finish(bundle, run_dir, *options) == unbroken
            shutil.rmtree(run_dir)
    print(f"{equal} of {asked.kills} reports equal that of an unbroken audit; {n_killed} were killed in time")
    for what, n in sorted(left.items()):
        print(f"{n:>4} kills left {what}")
    return int(equal < asked.kills)


if __name__ == "__main__":
    sys.exit(main())
