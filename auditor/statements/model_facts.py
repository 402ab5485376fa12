"""What config.json and the two-column tables and lists of a card state of a model and its cost, by name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import Printed
from auditor.model import Place
from auditor.statements.amount import amount, exact
from auditor.statements.bullets import bullets
from auditor.statements.html_tables import tables
from auditor.statements.score import Quantity

if TYPE_CHECKING:
    from auditor.readers.document import Document
    from auditor.readers.markdown import Cell, MarkdownDocument, Table

MAX_ROWS = 200  # of a table of two columns; a longer one is data
# Canonical name: keys of config.json, any of which may hold it (transformers: configuration_*.py).
_CONFIG = {
    "context_length": (
        "max_position_embeddings",
        "n_positions",
        "n_ctx",
        "max_seq_len",
        "max_seq_length",
        "max_sequence_length",
        "seq_length",
    ),
    "vocabulary": ("vocab_size",),
    "layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    "hidden_size": ("hidden_size", "n_embd", "d_model", "dim"),
    "attention_heads": ("num_attention_heads", "n_head", "n_heads"),
    "key_value_heads": ("num_key_value_heads",),
    "experts": ("num_local_experts", "num_experts", "n_routed_experts"),
    "experts_active": ("num_experts_per_tok", "num_experts_per_token", "moe_top_k"),
}
# Names in lists and tables, without case, blanks and punctuation: canonical name and unit.
_NAMES = {
    "params_total": (
        "parameters params numberofparameters numparameters numberofparams nparams totalparameters"
        " totalparams modelparameters parametercount paramscount parameterscount trainableparameters"
    ),
    "params_active": "activeparameters activatedparameters activeparams activatedparams",
    "context_length": (
        "contextlength contextwindow contextsize maxcontextlength maximumcontextlength maxcontext"
        " maxpositionembeddings"
    ),
    "sequence_length": "sequencelength maxsequencelength maxseqlength seqlen maxseqlen seqlength",
    "vocabulary": "vocabularysize vocabsize vocabulary vocab nvocab",
    "layers": "layers numberoflayers numlayers nlayers nlayer numhiddenlayers hiddenlayers transformerlayers",
    "hidden_size": "hiddensize hiddendimension hiddendim dmodel modeldimension embeddingdimension nembd",
    "attention_heads": "attentionheads numberofattentionheads numattentionheads nheads nhead heads",
    "key_value_heads": "keyvalueheads kvheads numkeyvalueheads nkvheads",
    "classes": "numberofclasses numclasses classes nclasses numlabels numberoflabels",
    "tokens_seen": (
        "trainingtokens tokensseen totalseentokens traintokens pretrainingtokens totaltrainingtokens"
    ),
    "dataset_tokens": "datasettokens tokensindataset",
    "steps": "trainingsteps trainsteps numberoftrainingsteps totaltrainingsteps",
    "batch_tokens": "tokensperbatch batchsizetokens batchsizeintokens globalbatchsizetokens tokensperstep",
    "train_examples": "trainingexamples trainexamples trainsamples trainingsamples numtrainsamples",
    "hours": "hoursused",
    "chip_hours": "gpuhours totalgpuhours tpuhours chiphours",
    "co2_g": (
        "carbonemitted totalcarbonemitted carbonemissions co2emissions co2emissionsingrams co2eqemissions"
        " carbonfootprint"
    ),
    "energy_kwh": "energy energyconsumed energyconsumption energyused totalenergy totalenergyconsumed",
}
_UNITS = {"hours": "h", "chip_hours": "h", "co2_g": "g", "energy_kwh": "kWh", "tokens_seen": "tokens"}
# Words that may follow a number under a name that has no unit of its own.
_PLAIN = frozenset(
    (
        *("parameters", "params", "parameter", "tokens", "token", "layers", "classes"),
        *("labels", "steps", "heads", "examples", "samples", "words", "entries"),
    )
)
_FACTORS: dict[str, dict[str, int | Fraction]] = {
    "co2_g": {
        "": 1,  # under a name that says grams
        "g": 1,
        "gram": 1,
        "grams": 1,
        "gco2eq": 1,
        "gco2": 1,
        "kg": 10**3,
        "kgs": 10**3,
        "kilograms": 10**3,
        "kgco2eq": 10**3,
        "kgco2": 10**3,
        "t": 10**6,
        "tons": 10**6,
        "tonnes": 10**6,
        "tco2eq": 10**6,
        "tco2": 10**6,
    },
    "energy_kwh": {"kwh": 1, "mwh": 10**3, "gwh": 10**6, "wh": Fraction(1, 10**3)},
    "hours": {"": 1, "h": 1, "hours": 1, "hour": 1, "hrs": 1, "days": 24, "day": 24},
    "chip_hours": {"": 1, "h": 1, "hours": 1},
}
_LETTERS = re.compile(r"[^a-z0-9]+")
_CANONICAL = {word: name for name, words in _NAMES.items() for word in words.split()}
_LONGEST = max(map(len, _CANONICAL)) * 2


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The canonical name of what a list's item or a table's row is called; empty where it is not known."""
    if len(text) > _LONGEST:
        return ""
    return _CANONICAL.get(_LETTERS.sub("", text.lower()), "")


def _of_training(text: str, heading: str) -> str:
    """`steps` where the heading above says that they are of training, and not of a sampler."""
    return "steps" if text.lower() == "steps" and "train" in heading.lower() else ""


def of_config(config: Document) -> Iterator[Quantity]:
    """The sizes that config.json states, and how many classes it names."""
    values = config.mapping()
    for name, keys in _CONFIG.items():
        for key in keys:
            size = values.get(key)
            if isinstance(size, int) and not isinstance(size, bool) and size > 0:
                yield Quantity(config.at(key), "config", name, exact(size), group=config.file)
                break
    names = values.get("id2label")
    if isinstance(names, dict) and names:
        yield Quantity(config.key("id2label"), "config", "classes", exact(len(names)), group=config.file)


def of_lists(card: MarkdownDocument) -> Iterator[Quantity]:
    """The items of the card's lists that are named as something known."""
    for bullet in bullets(card):
        name = canonical(bullet.name) or _of_training(bullet.name, bullet.heading)
        if name:
            group = f"{card.file} list {bullet.block}"
            yield from _one(card.place(bullet.span), name, bullet.name, bullet.text, group)


def of_tables(card: MarkdownDocument) -> Iterator[Quantity]:
    """The rows of tables of two columns, the cells of tables of one row, and those of several models."""
    from auditor.statements.model_costs import of_models

    starts = [heading.line for heading in card.headings]
    for table in tables(card):
        yield from of_models(card, table)
        group = f"{card.file} table {table.line}"
        if len(table.header) == 2 and len(table.rows) <= MAX_ROWS:
            nearest = bisect_right(starts, table.line) - 1
            heading = card.headings[nearest].text if nearest >= 0 else ""
            for row in _pairs(table):
                called = row[0].text.strip("*_` ")
                name = canonical(called) or _of_training(called, heading)
                if name:
                    yield from _one(card.place(row[1].span), name, row[0].text, row[1].text, group)
        elif len(table.rows) == 1 and len(table.header) <= MAX_ROWS:
            for above, cell in zip(table.header, table.rows[0], strict=True):
                name = canonical(above.text.strip("*_` "))
                if name:
                    yield from _one(card.place(cell.span), name, above.text, cell.text, group)


def _pairs(table: Table) -> Iterator[tuple[Cell, ...]]:
    """The rows of a table of two columns, the header too; none where the second column is another model's."""
    if canonical(table.header[0].text.strip("*_` ")) or not canonical(table.header[1].text.strip("*_` ")):
        yield table.header
        yield from table.rows


def _one(place: Place, name: str, called: str, text: str, group: str) -> Iterator[Quantity]:
    found = amount(text)
    if found is None:
        return
    value, unit = found
    factors: Mapping[str, int | Fraction] | None = _FACTORS.get(name)
    if factors is not None:
        first = unit.split(" ")[0].removesuffix(".")
        factor = factors.get(first)
        if factor is None or (name == "co2_g" and not first and "gram" not in called.lower()):
            return
        value = Printed(
            f"{value.text} {first}".strip(), value.value * factor, value.unit * factor, value.full
        )
    elif unit and unit.split(" ")[0] not in _PLAIN:
        return
    yield Quantity(place, "card", name, value, _UNITS.get(name, ""), group)
