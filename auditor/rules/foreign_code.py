"""Python code that loading the model runs: what asks for it, where it comes from, what it does at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent
from auditor.model import Fault, KeyPath, Place
from auditor.readers.document import Document, Unreadable
from auditor.readers.text import decode, shown
from auditor.records import dataclass
from auditor.rules.registry import needed, provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.python_code import Code

MAX_REFERENCES = 1_000  # looked at; configurations met have up to ten
MAX_MODULES = 200  # looked into; the largest repositories of custom models have some thirty
# Files from which transformers, PEFT and sentence-transformers read names of classes to import.
_ASKING = frozenset(
    {"config.json", "tokenizer_config.json", "generation_config.json", "adapter_config.json", "modules.json"}
    | {"preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json"}
)
# What services and libraries load without being told its name, and how transformers names what it loads.
_BY_NAME = (
    r"(handler|pipeline|custom_generate/generate"
    r"|(modeling|configuration|tokenization|processing|image_processing)_\w+)\.py"
)
_CLASS = r"(?:(?P<repository>[\w.-]+(?:/[\w.-]+)?)--)?(?P<module>\w+(?:\.\w+)*)\.\w+"
_KINDS = (  # how the full name of what is called begins, and what the call does
    (r"(exec|eval|compile)$|runpy\.|code\.Interac|marshal\.loads$|types\.FunctionType$", "runs text as code"),
    (
        r"os\.(system|popen|exec|spawn|posix_spawn|fork|startfile)|subprocess\.|pty\.|pexpect\.",
        "starts a program",
    ),
    (r"pip\.|ensurepip\.|torch\.utils\.cpp_extension\.load", "installs or compiles something"),
    (r"ctypes\.(\w*DLL$|\w*dll\.)|torch\.ops\.load_library$", "loads a native library"),
    (r"(pickle|cPickle|_pickle|dill|cloudpickle|joblib)\.(load|loads|Unpickler)$", "loads a pickle"),
    (
        r"socket\.|urllib\.request\.|urllib3\.|http\.client\.|httpx\.|aiohttp\.|ftplib\.|smtplib\.|paramiko\.",
        "reaches for the network",
    ),
    (
        r"requests\.(get|post|put|patch|delete|head|request|Session)$|torch\.hub\.load|webbrowser\.",
        "reaches for the network",
    ),
    (r"os\.(remove|unlink|rmdir|removedirs|kill|chmod|setuid)$|shutil\.(rmtree|move)$", "changes files"),
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A class that a file asks to be imported: from a module beside it, or of another repository.

    Attributes:
        place: where it is asked for.
        text: as it stands there: `modeling_x.X`, `owner/name--modeling_x.X`.
        repository: the other one, or empty.
        paths: where the module may lie in the bundle, the usual place first.
    """

    place: Place
    text: str
    repository: str
    paths: tuple[str, ...]


@provides("references to code")
def references(bundle: Bundle) -> tuple[Reference, ...] | Absent:
    """Every class that the bundle's configurations ask to be imported from code that comes with a model."""
    found: list[Reference] = []
    for file in bundle.files:
        if basename(file.path) in _ASKING and file.is_regular:
            document = bundle.document(file.path)
            if not isinstance(document, Document):
                continue
            for path, text in _asked(document):
                match = re.fullmatch(_CLASS, text) if len(found) < MAX_REFERENCES else None
                if match:
                    module = match["module"].replace(".", "/") + ".py"
                    paths = tuple(dict.fromkeys((normpath(join(dirname(file.path), module)), module)))
                    found.append(Reference(document.at(*path), text, match["repository"] or "", paths))
    return tuple(found) or Absent("no configuration asks for code of the release")


@provides("loaded code")
def loaded_code(bundle: Bundle) -> dict[str, Code | Unreadable] | Absent:
    """What every module does that loading the model imports, and those do that it imports in turn."""
    from auditor.readers.python_code import MAX_CODE, read_code

    asked = needed(bundle, "references to code")
    pending = [
        file.path for file in bundle.files if file.path.endswith(".py") and re.fullmatch(_BY_NAME, file.path)
    ]
    for reference in asked if isinstance(asked, tuple) else ():
        pending += [] if reference.repository else reference.paths
    found: dict[str, Code | Unreadable] = {}
    while pending and len(found) < MAX_MODULES:
        path = pending.pop(0)
        if path not in found and bundle.has(path):
            try:
                code = read_code(path, decode(path, bundle.read_bytes(path, 4 * MAX_CODE)))
            except Unreadable as error:
                found[path] = error
            else:
                found[path] = code
                pending += _imported(path, code)
    return {path: found[path] for path in sorted(found)} or Absent("loading runs no code of the release")


@rule("SEC003", level="warning", needs="references to code")
def code_of_its_own(asked: tuple[Reference, ...]) -> Iterator[Fault]:
    """A configuration asks for Python code of the release to be run when the model is loaded.

    Why: With `trust_remote_code=True` that code does whatever its author likes, on the machine of the user.
    Bad:
        # config.json
        {"auto_map": {"AutoModel": "modeling_digits.Digits"}}
        # modeling_digits.py, whole file
        class Digits: ...
    Good:
        # config.json
        {"architectures": ["Digits"]}
    Fix: Contribute the architecture to the library, or tell users to read the code and pin its commit.
    Source: https://huggingface.co/docs/transformers/custom_models
    """
    keys = dict.fromkeys((each.place.file, each.place.path[0]) for each in asked)
    first, *others = (
        Place(file, (name,), on="key") if isinstance(name, str) else Place(file) for file, name in keys
    )
    own = "the release's own" if any(not each.repository for each in asked) else "another repository's"
    what = f"`{first.path[0]}`" if first.path else f"`{shown(first.file)}`"
    yield first.says(
        f"{what} runs {own} code when the model is loaded",
        *others,
        help="users must read it first and pin the commit",
    )


@rule("SEC006", level="warning", needs=("references to code", "bundle"), since="2026.2")
def custom_code_missing(asked: tuple[Reference, ...], bundle: Bundle) -> Iterator[Fault]:
    """A configuration asks for Python code that the release does not have.

    Why: Whoever loads the model with `trust_remote_code=True` gets an error.
    Bad:
        # config.json
        {"auto_map": {"AutoModel": "modeling_digits.Digits"}}
    Good:
        # config.json
        {"architectures": ["Digits"]}
    Fix: Ship the file, or remove the entry where the library has the architecture by now.
    Source: https://huggingface.co/docs/transformers/custom_models
    """
    told: set[str] = set()
    for each in asked:
        if not each.repository and not any(bundle.file(path) for path in each.paths):
            if each.paths[0] not in told:
                yield each.place.says(f"`{shown(each.text)}`: `{shown(each.paths[0])}` is not in the bundle")
            told.add(each.paths[0])


@rule("SEC007", level="warning", needs="references to code", since="2026.2")
def code_from_elsewhere(asked: tuple[Reference, ...]) -> Iterator[Fault]:
    """A configuration asks for Python code of another repository.

    Why: Loading the model fetches and runs what that repository holds on that day. Its owner, or whoever
        takes the name over, decides what runs on the machines of your users.
    Bad:
        # config.json
        {"auto_map": {"AutoModel": "somebody/base-model--modeling_digits.Digits"}}
    Good:
        # config.json
        {"architectures": ["Digits"]}
    Fix: Ship the code with the release, or tell users which `code_revision` to load.
    Source: https://huggingface.co/docs/transformers/custom_models
    """
    told: set[str] = set()
    for each in asked:
        if each.repository and each.repository not in told:
            told.add(each.repository)
            yield each.place.says(
                f"loading the model fetches and runs code of the repository `{shown(each.repository)}`",
                help="ship the code, or tell users which `code_revision` to load",
            )


@rule("SEC008", level="warning", needs="loaded code", certainty="likely", since="2026.2")
def code_acts_on_import(loaded: dict[str, Code | Unreadable]) -> Iterator[Fault]:
    """Code of the model does more than define classes when it is imported.

    Why: A module that defines a model has no reason to start programs, to fetch something or to run text as
        code as soon as it is imported, before anybody asked for anything.
    Bad:
        # modeling_digits.py, whole file
        import os
        os.system("echo hello")
    Good:
        # modeling_digits.py, whole file
        import torch
        class Digits(torch.nn.Module):
            def forward(self, x):
                return torch.relu(x)
    Fix: Take it out, or put it into a function that the user calls.
    """
    error: Unreadable | None = None
    for code in loaded.values():
        if isinstance(code, Unreadable):
            error = error or code
            continue
        for call in code.calls:
            kind = kind_of(call.name) if call.on_import else ""
            if kind:
                yield Place(call.span.file, span=call.span).says(
                    f"importing this {kind} (`{shown(call.name)}`)"
                )
    if error is not None:
        raise error


@rule("SEC009", level="note", needs="loaded code", certainty="hint", since="2026.2")
def code_reaches_out(loaded: dict[str, Code | Unreadable]) -> Iterator[Fault]:
    """Code of the model starts programs, opens connections or the like once it is used.

    Why: It may have its reasons, as to fetch a picture by its address. Whoever must trust the code reads it
        first, and here is where to begin.
    Bad:
        # modeling_digits.py, whole file
        import requests
        def picture(url):
            return requests.get(url, timeout=9).content
    Good:
        # modeling_digits.py, whole file
        def picture(path):
            return path.read_bytes()
    Fix: Leave it to the user to fetch and start things.
    """
    for path, code in loaded.items():
        calls = () if isinstance(code, Unreadable) else code.calls
        met = [(kind_of(call.name), call) for call in calls if not call.on_import and kind_of(call.name)]
        if met:
            kinds = ", ".join(dict.fromkeys(kind for kind, _ in met))
            yield Place(path, span=met[0][1].span).says(f"this code {kinds} (`{shown(met[0][1].name)}`)")


def kind_of(name: str) -> str:
    """What a call by this full name does that a model has no need of; empty for all others."""
    return next((words for pattern, words in _KINDS if re.match(pattern, name)), "")


def _asked(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """The key path and text of every name of a class that the document asks to be imported."""
    for name, value in document.mapping("auto_map").items():
        for path, text in _texts(("auto_map", name), value):
            yield path, text
    for name, value in document.mapping("custom_pipelines").items():
        implementation = value.get("impl") if isinstance(value, dict) else None
        if isinstance(implementation, str):
            yield ("custom_pipelines", name, "impl"), implementation
    if basename(document.file) == "modules.json":
        for path, value in document.items():
            kind = value.get("type") if isinstance(value, dict) else None
            if isinstance(kind, str) and not kind.startswith("sentence_transformers."):
                yield (*path, "type"), kind


def _texts(path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, str]]:
    """A text, or the texts of a list: of tokenizers the slow and the fast one."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        yield from (((*path, index), each) for index, each in enumerate(value) if isinstance(each, str))


def _imported(path: str, code: Code) -> Iterator[str]:
    """The files of the bundle that a module may mean by its imports."""
    for name in code.imports:
        bare = name.lstrip(".")
        level = len(name) - len(bare)
        folder = dirname(path)
        for _ in range(level - 1):
            folder = dirname(folder)
        file = join(folder, *bare.split(".")) if bare else join(folder, "__init__")
        yield f"{file}.py"
        yield f"{file}/__init__.py"
