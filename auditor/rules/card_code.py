"""The code that a model card shows: whether it can be read as what it says it is, and what it loads.

Nothing is run. Code is parsed only up to bounds that no honest card reaches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Place, Span
from auditor.readers.text import shown, split_lines
from auditor.rules.paths import is_url
from auditor.rules.registry import rule
from auditor.rules.snippets import MAX_SNIPPETS, broken_json, broken_python, broken_yaml

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import Fence, MarkdownDocument, Table

_PYTHON = frozenset({"python", "py", "python3", "{python}", "pycon", "ipython"})
_SHELL = frozenset({"bash", "sh", "shell", "console", "zsh", "shell-session", "terminal"})
# Calls that load a model by its name on the hub, or give that name to a variable.
_LOADS = (
    r"(?:\b\w{0,60}(?:Model|Pipeline|For[A-Z]\w{0,40}|Transformer)\w{0,20}(?:\.from_pretrained)?\("
    r"|\b(?:pipeline|snapshot_download)\((?:[\"'][\w-]{1,60}[\"'],)?"
    r"|\b\w{0,20}(?:model|checkpoint|repo)\w{0,20}\s?=\s?)"
    r"(?:[^()\"'\n]{0,80}=)?\s{0,20}[\"'](?P<id>[\w.-]{1,96}/[\w.-]{1,96})[\"']"
)
_RUNS = (
    r"(?m)^[ \t$]{0,8}(?:[A-Z_]{2,40}=\S{1,80}[ \t]{1,4}){0,4}(?:python3?|bash|sh|torchrun)[ \t]{1,4}"
    r"(?P<path>[\w./-]{1,200}\.(?:py|sh))\b"
)
_OPENS = (
    r"\b(?:torch\.load|joblib\.load|load_model|load_file|InferenceSession|YOLO)"
    r"\(\s{0,8}[\"'](?P<path>[\w./-]{1,200}\.(?:pt|pth|bin|pkl|joblib|h5|keras|onnx|safetensors|gguf|ckpt))[\"']"
)
_FETCHES = (
    "git clone",
    "cd ",
    "wget ",
    "curl ",
    "docker",
    "git+",
    "download",
    "from_pretrained",
    "torch.save",
)
_MEASURES = (
    *("accuracy", "f1", "bleu", "rouge", "wer", "cer", "perplexity", "mmlu", "precision", "recall", "map"),
    *("auc", "exact match", "em", "score", "gsm8k", "hellaswag", "pearson", "spearman"),
)
_CODE = (".py", ".sh", ".ipynb")
_COMPUTES = r"(?i)eval|benchmark|\btest\b|compute|--do_predict"
_LEAST_SHARED = 5  # letters that names of one family begin with: `bert-base`, `bert-large`
_MOST_CHARACTERS = 20_000  # of one block that is searched


@rule("CARD115", level="warning", needs="card", certainty="likely", since="2026.2")
def python_does_not_parse(card: MarkdownDocument) -> Iterator[Fault]:
    """A block of Python in the card is no Python 3.

    Why: Whoever copies it gets a SyntaxError; nobody has run it as it stands there.
    Bad:
        # README.md
        ```python
        weights = load("model.safetensors"
        print(weights)
        ```
    Good:
        # README.md
        ```python
        >>> weights = load("model.safetensors")
        >>> len(weights)
        8
        ```
    Fix: Run the block as it stands in the card. Left alone: commands of notebooks and shells, text in place
        of code (`...`, `<your token>`), what was printed, and all beyond the first hundred blocks.
    """
    for fence in card.fences[:MAX_SNIPPETS]:
        if fence.language.lower() in _PYTHON:
            fault = broken_python(fence.text)
            if fault is not None:
                yield _line(card, fence, fault.line).says(f"no Python 3: {shown(fault.what, 100)}")


@rule("CARD116", level="note", needs="card", certainty="likely", since="2026.2")
def data_block_does_not_parse(card: MarkdownDocument) -> Iterator[Fault]:
    """A block of JSON or YAML in the card cannot be read as what it says it is.

    Why: A configuration that is copied from the card does not load.
    Bad:
        # README.md
        ```json
        {"classes": 2, 'padding': "same"}
        ```
    Good:
        # README.md
        ```json
        {"classes": 2, "padding": "same"}
        ```
    Fix: Correct it, or name another language after the opening fence. Left alone: pieces of a document,
        several documents, comments, and text in place of values.
    """
    for fence in card.fences[:MAX_SNIPPETS]:
        language = fence.language.lower()
        if language in ("json", "yaml", "yml"):
            fault = broken_json(fence.text) if language == "json" else broken_yaml(fence.text)
            if fault is not None:
                name = "JSON" if language == "json" else "YAML"
                yield _line(card, fence, fault.line).says(f"no {name}: {shown(fault.what, 100)}")


@rule("CARD117", level="note", needs="card", klass="inconsistent", certainty="likely", since="2026.2")
def code_loads_another_model(card: MarkdownDocument) -> Iterator[Fault]:
    """All models that the card's code loads have other names than the one the card is about.

    Why: A card that was copied from another model still runs that one, and what is seen is not this release.
    Bad:
        # README.md
        ```python
        model = AutoModel.from_pretrained("somebody/letters-vit")
        ```
    Good:
        # README.md
        ```python
        model = AutoModel.from_pretrained("somebody/digits-cnn")
        ```
    Fix: Load this model. Looked at only where `model-index` gives the model's name; names of base models and
        of other sizes of a family, which begin alike, are left alone.
    """
    named = [
        path for path, entry in card.items("model-index") if isinstance(entry, dict) and entry.get("name")
    ]
    own = {_letters(str(card.get(*path, "name"))) for path in named} - {"model", "none"}
    loaded = [*_loaded(card)] if own else []
    bases = card.get("base_model")
    own |= {_letters(str(base)) for base in (bases if isinstance(bases, list) else [bases]) if base}
    if loaded and not any(_akin(_letters(name), known) for name, _ in loaded for known in own):
        name, place = loaded[0]
        yield place.says(
            f"the code loads `{shown(name)}`, the card is about `{shown(str(card.get(*named[0], 'name')))}`",
            card.at(*named[0], "name").labelled("the model's name"),
        )


@rule("CARD118", level="note", needs=("card", "bundle"), certainty="hint", since="2026.2")
def code_names_missing_file(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """Code in the card runs or loads a file that the bundle does not have.

    Why: The command fails for everybody but the authors.
    Bad:
        # README.md
        ```bash
        python scripts/evaluate.py --split test
        ```
    Good:
        # README.md
        ```bash
        git clone https://github.com/somebody/digits && cd digits
        python scripts/evaluate.py --split test
        ```
    Fix: Ship the file, or show where it comes from. Looked at are scripts that a shell runs and weights that
        Python opens; a card that fetches or links to
        the file is left alone.
    """
    code = [fence for fence in card.fences[:MAX_SNIPPETS] if fence.language.lower() in _PYTHON | _SHELL]
    if not code or any(mark in fence.text for fence in code for mark in _FETCHES):
        return
    files = [f"/{file.path}" for file in bundle.files]
    files += [link.target for link in card.links if is_url(link.target)]  # there the script is to be had
    for fence in code:
        pattern = _RUNS if fence.language.lower() in _SHELL else _OPENS
        for match in re.finditer(pattern, fence.text[:_MOST_CHARACTERS]):
            path = match["path"].removeprefix("./")
            if not any(file.endswith(f"/{path}") for file in files) and ".." not in path and path[0] != "/":
                line = fence.text.count("\n", 0, match.start("path")) + 1
                yield _line(card, fence, line).says(f"`{shown(path)}` is not in the bundle")


@rule(
    "CARD119", level="note", needs=("card", "bundle"), klass="unsupported", certainty="hint", since="2026.2"
)
def results_without_command(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The card has a table of results, and neither card nor bundle says how they are computed.

    Why: A number that nobody can compute again can only be believed.
    Bad:
        # recipe.yaml, absent
        # fmaudit.yaml, absent
        # data/croissant.json
        {"rai:dataPreprocessingProtocol": "Pixels were divided by 16."}
    Good:
        # README.md
        The table was computed as the recipe says.
    Fix: Show the command that prints the table, or ship the recipe or the code of the evaluation.
    Source: the ML Code Completeness Checklist, https://github.com/paperswithcode/releasing-research-code
    """
    told = any(bundle.has(path) for path in ("recipe.yaml", "fmaudit.yaml"))
    if told or any("eval" in file.path.lower() and file.path.endswith(_CODE) for file in bundle.files):
        return
    table = next((table for table in card.tables if _is_of_results(table)), None)
    if table is not None and not any(
        re.search(_COMPUTES, fence.text[:_MOST_CHARACTERS]) for fence in card.fences
    ):
        yield card.place(table.header[0].span).says(
            "nothing says how these results are computed", help="show the command that prints them"
        )


@rule("CARD121", level="warning", needs="card", certainty="likely", since="2026.2")
def unclosed_code(card: MarkdownDocument) -> Iterator[Fault]:
    """A block of code is never closed, so that all text below it is shown as code.

    Why: Headings, tables and links after it are lost to readers and to tools.
    Bad:
        # README.md
        ```python
        weights = "model.safetensors"

        That is all.
    Good:
        # README.md
        ```python
        weights = "model.safetensors"
        ```

        That is all.
    Fix: Close the block with a line of the marks that opened it.
    Source: CommonMark 0.31.2, section 4.5.
    """
    if not card.fences:
        return
    last = card.fences[-1]
    if last.text.strip() and card.source.endswith(last.text):
        yield _line(card, last, 0).says("the code that starts here is not closed")


def _line(card: MarkdownDocument, fence: Fence, number: int) -> Place:
    """The place of a line of a block, counted from 1; of the line that opens it for 0."""
    line = fence.line + number
    text = split_lines(fence.text[:_MOST_CHARACTERS])[number - 1] if number else ""
    start = len(text) - len(text.lstrip()) + 1
    return card.place(Span(card.file, line, start, line, max(len(text.rstrip()), start) + 1))


def _loaded(card: MarkdownDocument) -> Iterator[tuple[str, Place]]:
    """Each name of a model on the hub that the card's Python loads, with its line."""
    for fence in card.fences[:MAX_SNIPPETS]:
        if fence.language.lower() in _PYTHON:
            for match in re.finditer(_LOADS, fence.text[:_MOST_CHARACTERS]):
                yield match["id"], _line(card, fence, fence.text.count("\n", 0, match.start("id")) + 1)


def _letters(name: str) -> str:
    """The letters and digits of a name on the hub, without its owner."""
    return "".join(char for char in name.rpartition("/")[2].lower() if char.isalnum())


def _akin(one: str, other: str) -> bool:
    """Whether two names may be of one model, or of one family, or of the same words in another order."""
    if one in other or other in one or one[:_LEAST_SHARED] == other[:_LEAST_SHARED]:
        return True
    return sorted(one) == sorted(other)


def _is_of_results(table: Table) -> bool:
    """Whether a table gives measures; the log of a training run is none."""
    header = [cell.text.lower().strip("*` ") for cell in table.header]
    if any(word in ("epoch", "step", "steps") for word in header):
        return False
    words = header + [row[0].text.lower().strip("*` ") for row in table.rows[:50]]
    measured = any(measure in word.split() or word == measure for word in words for measure in _MEASURES)
    return measured and any(cell.text[:1].isdigit() for row in table.rows[:50] for cell in row)
