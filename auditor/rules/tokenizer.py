"""The tokenizer against the model: every number that it gives must have a row in the embedding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault, Place
from auditor.readers.document import Document, Unreadable
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.checkpoint import Checkpoint, Expected
from auditor.rules.registry import needed, provides, rule
from auditor.shapes.limits import PADDED, number

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.tokenizer import Token, TokenFile

# A tokenizer without a limit says so by a number beyond any text (transformers, VERY_LARGE_INTEGER is 10^30).
_NO_LIMIT = 10**7
_BY_LINE = ("bert", "distilbert", "electra", "mpnet")  # a token's number is its line in vocab.txt
_SPECIAL = (
    *("bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "unk_token_id"),
    *("decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id"),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows the input embedding has, what says so, and where."""

    count: int
    told: str
    place: Place


@dataclass(slots=True)
class Tokenizer:
    """The tokenizer's files that could be read, and what kept from reading others."""

    files: list[TokenFile] = field(default_factory=list)
    faults: list[Unreadable] = field(default_factory=list)


@provides("tokenizer")
def tokenizer_files(bundle: Bundle) -> Tokenizer | Absent:
    """The highest numbers in the tokenizer's files; `vocab.*` only where there is no tokenizer.json."""
    from auditor.readers.tokenizer import FILES, MAX_BYTES, read_tokens

    config = bundle.get("config")
    kind = config.get("model_type") if isinstance(config, Document) else None
    left_out = {"vocab.json", "vocab.txt"} if bundle.has("tokenizer.json") else set()
    if kind not in _BY_LINE:
        left_out.add("vocab.txt")
    found = Tokenizer()
    for path in FILES:
        if bundle.has(path) and path not in left_out:
            try:
                found.files.append(read_tokens(path, bundle.read_bytes(path, MAX_BYTES)))
            except Unreadable as error:
                found.faults.append(error)
    return found if found.files or found.faults else Absent("the bundle has no tokenizer")


@provides("embedding rows")
def embedding_rows(bundle: Bundle) -> Rows | Absent | Unread:
    """The rows of the input embedding: of the weights, else by `vocab_size` of a known kind of model."""
    from auditor.shapes.families import FAMILIES

    checkpoint, described = needed(bundle, "checkpoint"), needed(bundle, "expected")
    if isinstance(checkpoint, Checkpoint):
        name = checkpoint.result.found.get(checkpoint.expected.layout.vocabulary)
        if name is not None and checkpoint.tensors[name][1].shape:
            count = checkpoint.tensors[name][1].shape[0]
            return Rows(count, f"`{shown(name)}` has {count} rows", checkpoint.at(name))
    if isinstance(described, Expected):
        vocabulary = described.layout.vocabulary
        if not vocabulary:
            return Absent("the model has no embedding of words")
        count = int(described.layout.base[vocabulary][0])
        return Rows(count, f"`vocab_size` is {count}", described.at("vocab_size"))
    config = bundle.get("config")
    kind = config.get("model_type") if isinstance(config, Document) else None
    if isinstance(config, Document) and isinstance(kind, str) and kind in FAMILIES:
        size = number(config.mapping(), "vocab_size")
        if size is not None:  # quantised weights, and classes that are not known
            return Rows(size, f"`vocab_size` is {size}", config.at("vocab_size"))
    reason = described.reason if isinstance(described, Absent | Unread) else "config.json has no `vocab_size`"
    return Unread(reason) if isinstance(described, Unread) else Absent(reason)


@rule("ARC301", level="error", needs=("tokenizer", "embedding rows"), klass="inconsistent", since="2026.2")
def token_without_embedding(tokenizer: Tokenizer, rows: Rows) -> Iterator[Fault]:
    """The tokenizer gives a piece of text a number that the embedding has no row for.

    Why: Text with that piece makes the model fail with an index out of range, on a GPU without saying where.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 4, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # tokenizer.json, whole file
        {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}, "merges": []}}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 8, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # tokenizer.json, whole file
        {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}, "merges": []}}
        # fmaudit.yaml
        budget: null
    Fix: Ship the tokenizer that the model was trained with, or resize the embedding and train its new rows.
    """
    yield from _beyond(tokenizer, rows, ((file, file.learned) for file in tokenizer.files), "the highest")


@rule("ARC302", level="error", needs="config", klass="inconsistent", since="2026.2")
def padding_without_embedding(config: Document) -> Iterator[Fault]:
    """`pad_token_id` of config.json lies outside the vocabulary.

    Why: The embedding is built with that row as the one for padding; transformers refuses to build it.
    Bad:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 32000,
         "pad_token_id": 32000}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Good:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 32001,
         "pad_token_id": 32000}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Fix: Use a number of the vocabulary, or count the padding token in `vocab_size` and ship its row.
    """
    size, padding = number(config.mapping(), "vocab_size"), number(config.mapping(), "pad_token_id")
    if _is_padded(config) and size and padding and padding >= size:
        yield config.at("pad_token_id").says(
            f"`pad_token_id` is {_digits(padding)}, and `vocab_size` {_digits(size)} allows less",
            config.at("vocab_size"),
        )


@rule("ARC303", level="warning", needs=("bundle", "embedding rows"), klass="inconsistent", since="2026.2")
def special_token_without_embedding(bundle: Bundle, rows: Rows) -> Iterator[Fault]:
    """The number of a special token lies outside the vocabulary.

    Why: The model can never write that token. Where it ends the text, writing goes on to the limit of length;
        often the number was left over from the config that this one began as.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 8, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1, "eos_token_id": 50256}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 8, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1, "eos_token_id": 7}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Write the numbers that this tokenizer gives its special tokens.
    """
    for file in ("config.json", "generation_config.json"):
        document = bundle.document(file)
        if not isinstance(document, Document):
            continue
        for name in _SPECIAL:
            value = document.get(name)
            listed = value if isinstance(value, list) else [value]
            wrong = [each for each in listed if type(each) is int and each >= rows.count]
            if wrong and not (name == "pad_token_id" and _is_padded(document)):  # ARC302 says that
                yield document.at(name).says(
                    f"`{name}` is {_digits(wrong[0])}, and {rows.told}", rows.place.labelled("the vocabulary")
                )


@rule(
    "ARC304",
    level="warning",
    needs=("tokenizer", "embedding rows"),
    klass="inconsistent",
    after=("ARC301",),
    since="2026.2",
)
def added_token_without_embedding(tokenizer: Tokenizer, rows: Rows) -> Iterator[Fault]:
    """A token that was added to the tokenizer by hand has no row in the embedding.

    Why: Text that holds the token, or padding with it, makes the model fail with an index out of range.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 8, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # added_tokens.json, whole file
        {"[PAD]": 8}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 8, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # added_tokens.json, whole file
        {"[PAD]": 7}
        # fmaudit.yaml
        budget: null
    Fix: Call `model.resize_token_embeddings(len(tokenizer))` and save the model, or take the token out.
    """
    yield from _beyond(tokenizer, rows, ((file, file.added) for file in tokenizer.files), "the added")


@rule("ARC305", level="warning", needs=("bundle", "expected"), klass="inconsistent", since="2026.2")
def tokenizer_longer_than_positions(bundle: Bundle, expected: Expected) -> Iterator[Fault]:
    """The tokenizer lets texts through that are longer than the model has positions for.

    Why: Each position has a row of its own that was learned. A longer text fails with an index out of range.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 8, "n_positions": 512,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # tokenizer_config.json, whole file
        {"model_max_length": 1024}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 8, "n_positions": 512,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # tokenizer_config.json, whole file
        {"model_max_length": 512}
        # fmaudit.yaml
        budget: null
    Fix: Write the number of positions as `model_max_length`.
    """
    settings, known = bundle.document("tokenizer_config.json"), expected.layout
    if not isinstance(settings, Document) or not known.positions:
        return
    longest, positions = settings.get("model_max_length"), int(known.base[known.positions][0]) - known.offset
    if type(longest) is int and positions < longest < _NO_LIMIT:
        yield settings.at("model_max_length").says(
            f"`model_max_length` is {longest}, the model has {positions} positions", expected.at("model_type")
        )


@rule("ARC307", level="error", needs="tokenizer", since="2026.2")
def tokenizer_unreadable(tokenizer: Tokenizer) -> Iterator[Fault]:
    """A file of the tokenizer cannot be read.

    Why: Without it nobody can use the model; most often a download broke off, or a page was saved instead.
    Bad:
        # tokenizer.json, whole file
        {"model": {"vocab":
    Good:
        # tokenizer.json, whole file
        {"model": {"type": "BPE", "vocab": {}, "merges": []}}
    Fix: Copy or download the file again.
    """
    for error in tokenizer.faults:
        if error.help:  # without a remedy it is only larger or deeper than is looked at here
            yield Place(error.span.file, span=error.span).says(error.what, help=error.help)


def _beyond(
    tokenizer: Tokenizer, rows: Rows, highest: Iterable[tuple[TokenFile, Token | None]], what: str
) -> Iterator[Fault]:
    """The tokens beyond the last row.

    Raises:
        Unreadable: after all others, if a file could not be read.
    """
    for file, token in highest:
        if token is not None and token.number >= rows.count:
            yield file.at().says(
                f"{what} token `{shown(token.text)}` has number {_digits(token.number)}, and {rows.told}",
                rows.place,
            )
    if tokenizer.faults:
        raise tokenizer.faults[0]


def _is_padded(config: Document) -> bool:
    kind = config.get("model_type")
    return isinstance(kind, str) and kind in PADDED


def _digits(value: int) -> str:
    return str(value) if abs(value) < 10**12 else "a number of more than 12 digits"
