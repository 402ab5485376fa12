"""Which scanner finds which technique of the corpus in tests/pickles, and what each says of honest files.

    python tests/bench/pickles.py [--modelscan PYTHON] [--json PATH] [--short]

`--modelscan` names the Python of an environment that has modelscan, which needs other versions than ours. Nothing
is unpickled: every scanner reads opcodes. Counting rule: `found` is a finding of level error (fmaudit), an infected
file (picklescan) or an issue (modelscan); `error` means that the scanner only said that it could not read the file,
or skipped it with such a remark. A file is scanned under the name that the technique gives it.
"""

import argparse
import io
import json
import logging
import subprocess
import sys
import tempfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.pickles.benign import benign  # noqa: E402  from the root of the repository
from tests.pickles.corpus import malicious  # noqa: E402

MODELSCAN = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from modelscan.modelscan import ModelScan
from modelscan._version import __version__
said = {"": __version__}
for path in json.load(sys.stdin):
    scan = ModelScan()
    try:
        told = scan.scan(path)
    except Exception as error:
        told = {"issues": [], "errors": [str(error)]}
    wrong = told["errors"] or told.get("summary", {}).get("skipped", {}).get("total_skipped", 0)
    said[path] = "found" if told["issues"] else "error" if wrong else "-"
json.dump(said, sys.stdout)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modelscan", help="Python of an environment with modelscan")
    parser.add_argument("--json", help="write the table there too")
    parser.add_argument("--short", action="store_true", help="totals alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = lay(Path(folder))
        said = {"fmaudit": ours(rows), **picklescans(rows)}
        if options.modelscan:
            said["modelscan"] = modelscan(rows, options.modelscan)
    versions = {name: told.pop("", "") for name, told in said.items()}
    if not options.short:
        show(rows, said)
    totals = summary(rows, said)
    print(render(totals, versions))
    if options.json:
        table = [{**row, **{name: told[row["path"]] for name, told in said.items()}} for row in rows]
        for row in table:
            del row["path"]
        Path(options.json).write_text(
            json.dumps({"versions": versions, "totals": totals, "files": table}, indent=1)
        )


def lay(folder):
    """Every file lies alone in a folder; a row tells where, and what it is."""
    rows = []
    for kind, technique, source, name, raw in malicious():
        rows.append(
            {"kind": kind, "technique": technique, "source": source.strip(), "name": name, "raw": raw}
        )
    for name, raw in benign():
        rows.append({"kind": "benign", "technique": name, "source": "", "name": name, "raw": raw})
    for number, row in enumerate(rows):
        path = folder / str(number) / row["name"]
        path.parent.mkdir()
        path.write_bytes(row.pop("raw"))
        row["path"] = str(path)
    return rows


def ours(rows):
    from auditor import __version__
    from auditor.bundle import Bundle
    from auditor.engine.run import check

    said = {"": __version__}
    for row in rows:
        result = check(Bundle.open(Path(row["path"]).parent))
        codes = {
            finding.code
            for finding in result.findings
            if finding.level == "error" and finding.code[:3] == "SEC"
        }
        said[row["path"]] = "found" if codes else "-"
        row["codes"] = sorted(codes)
    return said


def picklescans(rows):
    from picklescan import scanner

    logging.disable(logging.CRITICAL)
    found = {}
    for name, strict in (("picklescan", False), ("picklescan --strict", True)):
        said = found[name] = {"": version("picklescan")}
        for row in rows:
            try:
                told = scanner.scan_bytes(
                    io.BytesIO(Path(row["path"]).read_bytes()),
                    row["name"],
                    Path(row["name"]).suffix,
                    strict=strict,
                )
                said[row["path"]] = "found" if told.infected_files else "error" if told.scan_err else "-"
            except Exception:  # noqa: BLE001  whatever a scanner fails with, it did not find anything
                said[row["path"]] = "error"
    return found


def modelscan(rows, python):
    paths = json.dumps([row["path"] for row in rows])
    told = subprocess.run([python, "-c", MODELSCAN], input=paths, capture_output=True, text=True, check=True)
    return json.loads(told.stdout[told.stdout.index("{") :])


def summary(rows, said):
    totals = {}
    for name, told in said.items():
        counts = Counter((row["kind"], told[row["path"]]) for row in rows)
        totals[name] = {f"{kind} {word}": number for (kind, word), number in sorted(counts.items())}
    return totals


def show(rows, said):
    print(
        f"{'technique':58} {'fmaudit':24} "
        + " ".join(f"{name[:20]:20}" for name in said if name != "fmaudit")
    )
    for row in rows:
        words = " ".join(f"{told[row['path']]:20}" for name, told in said.items() if name != "fmaudit")
        print(f"{row['technique'][:58]:58} {' '.join(row['codes']) or '-':24} {words}")


def render(totals, versions):
    kinds = ("gadget", "stream", "container", "unpacking", "benign")
    lines = [f"\n{'':32}" + "".join(f"{kind:>20}" for kind in kinds)]
    for name, counts in totals.items():
        cells = []
        for kind in kinds:
            all_of = sum(number for key, number in counts.items() if key.startswith(f"{kind} "))
            errors = counts.get(f"{kind} error", 0)
            cell = f"{counts.get(f'{kind} found', 0)}/{all_of}" + (f" ({errors} error)" if errors else "")
            cells.append(f"{cell:>20}")
        lines.append(f"{name + ' ' + versions[name]:32}" + "".join(cells))
    lines.append("found/all; in brackets: only said that it could not read the file; benign: false alarms")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
