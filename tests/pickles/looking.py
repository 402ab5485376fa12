"""What the rules on pickles and archives say of one file, without the rest of a release."""

from auditor.bundle import Absent, Bundle, Unread
from auditor.readers.document import Unreadable
from auditor.rules import load
from auditor.rules.registry import needed

CODES = [code for code in load() if code.startswith("SEC2") and code != "SEC209"]


def said(folder, name, raw):
    """(code, level, message) of every finding in a folder with that file alone; `not checked` for a level too."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(raw)
    bundle = Bundle.open(folder)
    found = []
    for rule in (load()[code] for code in ["SEC004", *CODES]):
        things = [needed(bundle, need) for need in rule.needs]
        if any(isinstance(thing, Absent | Unread) for thing in things):
            continue
        try:
            found += [(rule.code, rule.level, fault.message) for fault in rule.run(*things)]
        except Unreadable as error:
            found.append((rule.code, "not checked", error.what))
    return found


def errors(folder, name, raw):
    """The codes of level error."""
    return {code for code, level, _ in said(folder, name, raw) if level == "error"}
