"""Chat templates: small programs in Jinja that every user of a model runs; here they are only read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault, Place
from auditor.readers.document import Document, Unreadable
from auditor.readers.text import Lines, decode, shown
from auditor.records import dataclass
from auditor.rules.formats import taken_of
from auditor.rules.paths import whole_file
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.jinja import Token

MAX_COUNT = 200  # different templates that are looked into; tokenizers met have up to three
# Characters of one template and of all; the longest of 61 met has 17,000. A million take up to 3 s (measured:
# tests/readers/test_jinja.py).
MAX_TEMPLATE, MAX_TEMPLATES = 2**17, 2**20
_HOLDERS = (
    "tokenizer_config.json",
    "chat_template.json",
    "processor_config.json",
    "preprocessor_config.json",
)
_INTERNAL = r"_\w*__\w*|__\w*"  # `__class__`, `_TemplateReference__context`
# What leads from one thing in Python to another; templates may have marks of their own such as `__user__`.
_DUNDER = (
    r"__(?:class|mro|bases?|subclasses|globals|builtins|import|init|new|getattribute|getattr|getitem|dict|code"
    r"|reduce|reduce_ex|self|func|call|closure|module|loader|spec|enter|exit|wrapped)__"
)
_FRAMES = (  # attributes of Python's frames, code and generators (jinja2/sandbox.py, UNSAFE_*)
    *("gi_frame", "gi_code", "cr_frame", "cr_code", "ag_frame", "ag_code", "tb_frame", "mro", "f_globals"),
    *("f_builtins", "f_locals", "f_back", "func_globals", "func_code"),
)
_IN_FORMAT = rf"\{{[^{{}}]*[.\[]{_DUNDER}"  # `'{0.__class__}'.format(x)`
_NO_VALUES = ("in", "and", "or", "not", "else", "if", "is")  # words that a list may follow
_LOADING = frozenset({"import", "from", "include", "extends"})
# Helpers of Jinja and Flask that no chat needs, and from whose globals templates reach Python.
_DOORS = frozenset({"lipsum", "cycler", "joiner", "get_flashed_messages", "url_for"})
_MAX_PIECES = 400  # characters before its last piece that are looked at of a text put together of texts
_MAKING = frozenset({"join", "format", "replace", "reverse", "attr"})  # what makes a text out of pieces


@dataclass(frozen=True, slots=True)
class Template:
    """A template and the place it stands at.

    Attributes:
        is_file: whether the text is all that its file holds.
        unread: how many characters it has where it is too long to be looked into; then `text` is empty.
    """

    place: Place
    text: str
    is_file: bool = False
    unread: int = 0

    def at(self, token: Token) -> Place:
        """Where a token stands: in a file of its own to the column, else the whole template."""
        if not self.is_file:
            return self.place
        end = token.offset + max(1, len(token.text))
        return Place(self.place.file, span=Lines(self.text).span(self.place.file, token.offset, end))


@dataclass(frozen=True, slots=True)
class Reach:
    """A token by which a template reaches for more than its messages."""

    token: Token
    what: str
    is_internal: bool


@provides("templates")
def templates(bundle: Bundle) -> tuple[Template, ...] | Absent:
    """Every chat template of the bundle that can be read: in configurations, in files, in GGUF metadata."""
    found: list[Template] = []
    left = MAX_TEMPLATES
    seen: set[str] = set()  # each checkpoint and each quantization has the same one
    for template in (*_in_configurations(bundle), *_in_files(bundle), *_in_gguf(bundle)):
        text = template.text
        if text not in seen and len(text) <= min(MAX_TEMPLATE, left) and len(seen) < MAX_COUNT:
            seen.add(text)
            left -= len(text)
        found.append(template if text in seen else replace(template, text="", unread=len(text)))
        if text not in seen and len(seen) == MAX_COUNT:  # the first of the rest stands for all
            break
    return tuple(found) or Absent("the bundle has no chat template")


@rule("SEC010", level="error", needs="templates", certainty="likely", since="2026.2")
def template_reaches_python(found: tuple[Template, ...]) -> Iterator[Fault]:
    """A chat template reaches for the insides of Python.

    Why: `__class__`, `__globals__` and the like lead from any text to any command. Libraries that render
        templates without a sandbox run it (CVE-2024-34359, CVE-2026-5760), the others refuse the model.
    Bad:
        # chat_template.jinja, whole file
        {{ messages.__class__.__mro__ }}
    Good:
        # chat_template.jinja, whole file
        {% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}{% endfor %}
    Fix: Do not use the release before its owner has explained it; take the template of the base model.
    Source: https://github.com/abetlen/llama-cpp-python/security/advisories/GHSA-56xg-wfcc-g829
    """
    for template in found:
        if template.unread:
            yield template.place.says(
                f"the template has {template.unread:,} characters and is not looked into"
            )
        reach = next((each for each in _reaches(template.text) if each.is_internal), None)
        if reach is not None:
            yield template.at(reach.token).says(f"the template reaches for {reach.what}")


@rule("SEC011", level="warning", needs="templates", certainty="likely", since="2026.2")
def template_does_more(found: tuple[Template, ...]) -> Iterator[Fault]:
    """A chat template does what no chat needs: loads other templates, or hides what it looks up.

    Why: A template only puts messages in a row. Computed names of attributes, includes, and helpers that
        lead to Python's globals serve to get past whoever reads it.
    Bad:
        # chat_template.jinja, whole file
        {% include 'other.jinja' %}
    Good:
        # chat_template.jinja, whole file
        {% set ns = namespace(found=false) %}{{ messages | map(attribute='content') | join(', ') }}
    Fix: Write the template without it.
    Source: https://huggingface.co/docs/transformers/chat_templating_writing
    """
    for template in found:
        all_reaches = _reaches(template.text)
        if all_reaches and not any(each.is_internal for each in all_reaches):  # else SEC010 tells
            yield template.at(all_reaches[0].token).says(f"the template {all_reaches[0].what}")


def reaches(text: str) -> Iterator[Reach]:
    """Each token by which a template does more than put messages in a row, in order."""
    from auditor.readers.jinja import Token, tokens

    before = Token("begin", "", 0)
    pieces = ""  # of a text that is put together of texts alone, up to the token before
    opened: list[bool] = []  # for each open bracket whether it or one around it looks something up
    for token in tokens(text):
        looked_up = bool(opened) and opened[-1]
        pieces = _put_together(pieces, token, before)
        what = _internal(token, before, pieces, looked_up=looked_up)
        if what:
            yield Reach(token, what, is_internal=True)
        else:
            what = _unusual(token, before, looked_up=looked_up)
            if what:
                yield Reach(token, what, is_internal=False)
        _balance(opened, token, before)
        before = token


@lru_cache(maxsize=MAX_COUNT)
def _reaches(text: str) -> tuple[Reach, ...]:
    return tuple(reaches(text))


def _put_together(pieces: str, token: Token, before: Token) -> str:
    """The text that ends with a token: texts in a row are one in Jinja, and `+` and `~` join others to it."""
    if token.kind != "string":
        return pieces if token.kind == "operator" and token.text in "+~()" else ""
    goes_on = before.kind == "string" or before.text in "+~("
    return pieces[-_MAX_PIECES:] + token.text if goes_on else token.text


def _internal(token: Token, before: Token, pieces: str, *, looked_up: bool) -> str:
    """What of Python's insides a token names; empty where it names nothing of them."""
    name = f"`{shown(token.text, 40)}`"
    if token.kind == "name":
        if before.text == "." and before.kind == "operator":
            return name if re.fullmatch(_INTERNAL, token.text) or token.text in _FRAMES else ""
        return name if re.fullmatch(_DUNDER, token.text) else ""
    if token.kind != "string":
        return ""
    hidden = looked_up and ("__" in pieces or pieces in _FRAMES or token.text in _FRAMES)
    found = hidden or re.fullmatch(_DUNDER, pieces) or re.search(_IN_FORMAT, pieces)
    return f"`{shown(pieces, 40)}`" if found else ""


def _unusual(token: Token, before: Token, *, looked_up: bool) -> str:
    """What a token does that no chat needs; empty where it is of the usual kind."""
    if token.kind != "name":
        return ""
    if before.kind == "begin" and before.text == "{%":
        return f"loads another one by `{token.text}`" if token.text in _LOADING else ""
    if before.text == "|" and token.text == "attr":
        return "looks up an attribute by a name that it computes (`attr`)"
    if looked_up and before.text in ("|", ".") and token.text in _MAKING:
        return f"looks up something by a name that it computes (`{token.text}`)"
    if before.text != "." and token.text in _DOORS:
        return f"uses `{token.text}`, which leads out of the template"
    return ""


def _balance(opened: list[bool], token: Token, before: Token) -> None:
    """The list of open brackets after this token: `[` of a subscript and `(` of the filter `attr` look up."""
    if token.kind in ("begin", "end"):
        opened.clear()
    elif token.kind == "operator" and token.text in "([{":
        follows = before.kind in ("name", "string") or before.text in (")", "]")
        is_subscript = token.text == "[" and follows and before.text not in _NO_VALUES
        is_attr = token.text == "(" and before.text == "attr"
        opened.append(is_subscript or is_attr or (bool(opened) and opened[-1]))
    elif token.kind == "operator" and token.text in ")]}" and opened:
        opened.pop()


def _in_configurations(bundle: Bundle) -> Iterator[Template]:
    for file in bundle.files:
        if basename(file.path) not in _HOLDERS or not file.is_regular:
            continue
        document = bundle.document(file.path)
        if not isinstance(document, Document):
            continue
        stated = document.get("chat_template")
        if isinstance(stated, str):
            yield Template(document.at("chat_template"), stated)
        elif isinstance(stated, dict):  # by name
            for name, text in stated.items():
                if isinstance(text, str):
                    yield Template(document.at("chat_template", name), text)
        for path, each in document.items("chat_template"):
            if isinstance(each, dict) and isinstance(each.get("template"), str):
                yield Template(document.at(*path, "template"), each["template"])


def _in_files(bundle: Bundle) -> Iterator[Template]:
    for file in bundle.files:
        if file.path.endswith((".jinja", ".jinja2")) and file.is_regular:
            try:
                text = decode(file.path, bundle.read_bytes(file.path, 4 * MAX_TEMPLATES))
            except Unreadable:
                continue  # no renderer reads it either
            yield Template(whole_file(file.path), text, is_file=True)


def _in_gguf(bundle: Bundle) -> Iterator[Template]:
    for file in taken_of(bundle, "gguf").read:
        for key, value in file.metadata.items():
            if key.startswith("tokenizer.chat_template") and isinstance(value, str):
                yield Template(whole_file(file.file).labelled(key), value)
