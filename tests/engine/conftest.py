"""A bundle of made-up documents, and a made-up list of rules."""

import pytest

from auditor.bundle import Absent
from auditor.engine import run
from auditor.model import Rule, Span
from auditor.readers.document import Document, Unreadable
from auditor.rules import load


class Lines(Document):
    """A document of `key: value` lines; the n-th key stands on line n."""

    def __init__(self, file, **value):
        self.file = file
        self.value = value
        self.source = "".join(f"{key}: {value}\n" for key, value in value.items())
        self.duplicates = ()

    def locate(self, place):
        line = [*self.value].index(place.path[0]) + 1 if place.path else 1
        return Span(self.file, line, 1, line, 2)

    def printed(self, *path):
        return str(self.get(*path))

    def plain(self, *path):
        return True


class MadeUp:
    """Answers as a bundle does; what `documents` lacks is absent."""

    name = "made-up"

    def __init__(self, raw=None, **documents):
        self.documents = documents
        self.raw = raw or {}
        self.files = ()
        self.memo = {}

    def get(self, need):
        return self.documents.get(need, Absent(f"the bundle has no {need}"))

    def document(self, file):
        known = (item for item in self.documents.values() if isinstance(item, Document) and item.file == file)
        return next(known, Absent(f"no {file}"))

    def read_bytes(self, file):
        if file not in self.raw:
            raise Unreadable("cannot be read", Span(file))
        return self.raw[file]


@pytest.fixture
def lines():
    return Lines


@pytest.fixture
def made_up():
    return MadeUp


@pytest.fixture
def rules(monkeypatch):
    """Adds made-up rules: `rules(REC901=check)`; options after the code as in `rules.add`."""
    table = {code: rule for code, rule in load().items() if rule.family == "META"}
    monkeypatch.setattr(run, "load", lambda: table)

    def add(code, check, *, level="error", needs=("card",), after=()):
        meta = {key: table.pop(key) for key in list(table) if key.startswith("META")}
        name = check.__name__.strip("_").replace("_", "-")
        table[code] = Rule(code, name, level, "sure", None, needs, after, check)
        table.update(meta)

    return add
