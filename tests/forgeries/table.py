"""The table of forgeries: for each rule how many were forged and found, and its honest false alarms.

`python -m tests.forgeries` prints it.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from auditor.rules import load
from tests.forgeries.forging import HONEST, findings, forge, forgeries, lay

FAMILIES = ("DATA", "MET", "CLM")


def rows():
    """One row a rule: code, name, forged, found, honest bundles in which it fires."""
    forged, found, alarms = Counter(), Counter(), Counter()
    with tempfile.TemporaryDirectory() as room:
        for number, forgery in enumerate(forgeries()):
            codes = {finding.code for finding in findings(forge(Path(room) / str(number), forgery))}
            forged[forgery.code] += 1
            found[forgery.code] += forgery.code in codes
        for base in HONEST:
            alarms.update({finding.code for finding in findings(lay(Path(room) / base, base))})
    wanted = [rule for rule in load().values() if rule.family in FAMILIES and rule.needs]
    return [(rule.code, rule.name, forged[rule.code], found[rule.code], alarms[rule.code]) for rule in wanted]


def main():
    """The table stands on stdout; 0."""
    table = rows()
    wide = max(len(row[1]) for row in table)
    lines = [f"{'rule':<8}  {'name':<{wide}}  forged  found  honest false alarms"]
    lines += [
        f"{code:<8}  {name:<{wide}}  {forged:>6}  {found:>5}  {alarms:>19}"
        for code, name, forged, found, alarms in table
    ]
    forged, found, alarms = (sum(row[column] for row in table) for column in (2, 3, 4))
    share = 100 * found / forged if forged else 0.0
    lines.append(
        f"{len(table)} rules, {forged} forgeries, {found} found ({share:.1f} %), "
        f"{alarms} findings of these rules in {len(HONEST)} honest bundles"
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
