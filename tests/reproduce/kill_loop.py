"""Kills an audit at random moments, resumes it, and holds its report against that of an unbroken one.

    python tests/reproduce/kill_loop.py 50 --jobs 2

Every kill is one of its own: a fresh run directory, SIGKILL at a moment drawn over the whole length of an
audit, then the same command to the end. Checkpoints are written every few steps, so that most kills meet
one. Prints how many reports were equal, and what the kills met.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from auditor import cli  # noqa: E402
from auditor.training import checkpoint  # noqa: E402
from tests.commands.reproducing import EXAMPLES, untimed  # noqa: E402

OFTEN = """
import auditor.training.checkpoint as checkpoint
checkpoint.Checkpoints.__init__.__kwdefaults__["every_s"] = 0.02
checkpoint.SHARE = 1.0
from auditor.cli import main
main()
"""


def small_bundle(folder, epochs=4, example="digits-cnn"):
    """An example with another number of epochs, and without the chain of its own."""
    bundle = Path(shutil.copytree(EXAMPLES / example, folder / example))
    recipe = (bundle / "recipe.yaml").read_text()
    (bundle / "recipe.yaml").write_text(re.sub(r"epochs: \d+", f"epochs: {epochs}", recipe))
    (bundle / "training_chain.jsonl").unlink(missing_ok=True)
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


def forked(bundle, run_dir, report, *options):
    """A process that runs an audit, forked after torch is loaded: most of a short audit is loading it."""
    pid = os.fork()
    if pid:
        return pid
    try:
        for number in (1, 2):
            os.dup2(
                os.open(report if number == 1 else os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number
            )
        sys.stdout = os.fdopen(1, "w", closefd=False)
        os._exit(cli.run(words(bundle, run_dir, *options)[3:]))
    finally:
        os._exit(70)


def ended(bundle, run_dir, *options):
    """The report without its timing, of a forked audit that ran to its end."""
    report = run_dir.with_suffix(".json")
    _, status = os.waitpid(forked(bundle, run_dir, report, *options), 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1, 3), status
    return untimed(report.read_text())


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
    parser.add_argument("--example", default="digits-cnn")
    parser.add_argument("--epochs", type=int, default=4)
    asked = parser.parse_args()
    checkpoint.Checkpoints.__init__.__kwdefaults__["every_s"] = 0.02
    checkpoint.SHARE = 1.0
    rng, options = random.Random(asked.seed), ("--jobs", asked.jobs)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = small_bundle(folder, asked.epochs, asked.example)
        unbroken = ended(bundle, folder / "unbroken", *options)
        began = time.monotonic()
        ended(bundle, folder / "again", *options)
        length_s = time.monotonic() - began
        equal, n_killed, left = 0, 0, Counter()
        while n_killed < asked.kills:
            run_dir = folder / "run"
            pid = forked(bundle, run_dir, folder / "lost.json", *options)
            time.sleep(rng.uniform(0, length_s))
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            if os.WIFSIGNALED(status):
                n_killed += 1
                left[met(run_dir)] += 1
                equal += ended(bundle, run_dir, *options) == unbroken
            else:
                length_s *= 0.9  # it had ended before: the machine is faster now
            shutil.rmtree(run_dir, ignore_errors=True)
    print(f"{equal} of {n_killed} reports equal that of an unbroken audit")
    for what, n in sorted(left.items()):
        print(f"{n:>4} kills left {what}")
    return int(equal < asked.kills)


if __name__ == "__main__":
    sys.exit(main())
