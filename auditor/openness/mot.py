"""The YAML file of the Model Openness Tool: read in both of its forms, written in the newer one.

The newer form has `release.license` with licences for the whole distribution and for each type, and
components with `license`, `license_path` and `component_path`. The older one (until 2025) lists all 17
components with `license_name`, `location`, and words such as `Component not included` for a licence.

Source: schema/mof_schema.json and ModelSerializer.php of https://github.com/lfai/model_openness_tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from auditor.formats.yaml_text import quoted
from auditor.openness.components import by_name
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.model import KeyPath
    from auditor.readers.document import Document

SCOPES = ("distribution", "code", "data", "document")
FRAMEWORK = {"name": "Model Openness Framework", "version": "1.0", "date": "2024-12-15"}
FIELDS = ("name", "version", "date", "type", "architecture", "treatment", "origin", "producer", "contact")
PLACES = ("repository", "github", "huggingface")
_ABSENT = "Component not included"
_UNLICENSED = ("License not specified", "Pending evaluation", "unlicensed")
MAX_COMPONENTS = 1_000  # read of one file; the tool knows 17


@dataclass(frozen=True, slots=True)
class Part:
    """A component as the file has it.

    Attributes:
        name: as written; `by_name` says whether it is one of the 17.
        licence: its own; empty where it is said to have none, None where those of the release hold.
        licence_path: where the licence can be read.
        location: where the component lies: a path, a URL, or empty.
        at: key path of the entry.
    """

    name: str
    licence: str | None = None
    licence_path: str = ""
    location: str = ""
    at: KeyPath = ()


@dataclass(frozen=True, slots=True)
class Model:
    """A release as the file describes it.

    Attributes:
        fields: name, version, date and so on, as printed.
        licences: for each of SCOPES that is there, the licence's name and where it can be read.
        parts: the components that are included.
    """

    fields: Mapping[str, str]
    licences: Mapping[str, tuple[str, str]]
    parts: tuple[Part, ...]


def read(document: Document) -> Model:
    """What the file says; what is malformed is left out."""
    fields = {name: _text(document, "release", name) for name in (*FIELDS, *PLACES)}
    licences = {}
    for scope in SCOPES:
        name = _text(document, "release", "license", scope, "name")
        if name:
            licences[scope] = (name, _text(document, "release", "license", scope, "path"))
    alone = document.get("release", "license")
    if isinstance(alone, str) and alone:
        licences["distribution"] = (alone, "")
    kept = {name: value for name, value in fields.items() if value}
    return Model(kept, licences, tuple(_parts(document)))


def write(model: Model) -> str:
    """The file's text, ending in a newline."""
    lines = ["framework:", *(f"  {key}: {quoted(value)}" for key, value in FRAMEWORK.items()), "release:"]
    named = [name for name in (*FIELDS, *PLACES) if name in model.fields]
    lines += [f"  {name}: {quoted(model.fields[name])}" for name in named]
    lines += ["  license:" if model.licences else "  license: {}"]
    for scope in SCOPES:
        if scope in model.licences:
            name, path = model.licences[scope]
            lines += [f"    {scope}:", f"      name: {quoted(name)}", f"      path: {quoted(path)}"]
    lines += ["  components:" if model.parts else "  components: []"]
    for part in model.parts:
        known = by_name().get(part.name)
        lines += [f"    - name: {quoted(part.name)}"]
        lines += [f"      description: {quoted(known.about)}"] if known else []
        lines += [] if part.licence is None else [f"      license: {quoted(part.licence)}"]
        lines += [f"      license_path: {quoted(part.licence_path)}"] if part.licence_path else []
        lines += [f"      component_path: {quoted(part.location)}"] if part.location else []
    return "\n".join(lines) + "\n"


def resolved(model: Model) -> dict[int, tuple[str, ...]]:
    """For each component that the file includes, by number, the licences that hold; empty for none.

    A component's own licence comes first, then that for its type, then that of the distribution.
    """
    found: dict[int, tuple[str, ...]] = {}
    for part in model.parts:
        component = by_name().get(part.name)
        if component is not None:
            licence = part.licence
            if licence is None:
                licence = inherited(model, component.kind)
            found[component.id] = (*found.get(component.id, ()), licence)
    return found


def inherited(model: Model, kind: str) -> str:
    """The licence that the release gives to its components of a type; empty where it gives none."""
    return next((model.licences[scope][0] for scope in (kind, "distribution") if scope in model.licences), "")


def _parts(document: Document) -> Iterator[Part]:
    for number, (path, entry) in enumerate(document.items("release", "components")):
        if number >= MAX_COMPONENTS:
            return
        name = _text(document, *path, "name")
        if not isinstance(entry, dict) or not name:
            continue
        key = next((key for key in ("license", "license_name") if key in entry), "")
        licence = _text(document, *path, key) if key and entry[key] is not None else None
        if licence == _ABSENT:
            continue
        yield Part(
            name,
            "" if licence in _UNLICENSED else licence,
            _text(document, *path, "license_path"),
            _text(document, *path, "component_path") or _text(document, *path, "location"),
            path,
        )


def _text(document: Document, *path: str | int) -> str:
    """The scalar at a path as it is printed; empty where there is none, or null."""
    value = document.get(*path)
    if value is None or isinstance(value, dict | list):
        return ""
    return value if isinstance(value, str) else document.printed(*path) or ""
