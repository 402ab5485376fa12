"""A chain or a checkpoint that is damaged, edited or hostile: a failed trace with the place, never an exception."""

import base64
import hashlib
import json
import math
import struct
import tracemalloc

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from auditor.formats.chain import MOST_LINE_BYTES, Broken, canonical, parse
from auditor.tracing.state import weights_digest, weights_of

HASH = "0" * 64


def edited(lines, number, **changes):
    """The lines with values of line `number` (from 1) changed, and every later `prev` made to fit."""
    values = [json.loads(line) for line in lines]
    values[number - 1].update(changes)
    made = []
    for value in values:
        if made:
            value["prev"] = hashlib.sha256(made[-1][:-1]).hexdigest()
        made.append(canonical(value) + b"\n")
    return made


def floats(*values):
    """Losses as a line holds them."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def cut(lines):
    return [*lines[:-1], lines[-1][:-5]]


def said(number, text):
    """Line `number` is this text."""
    return lambda lines: [*lines[: number - 1], text.encode() + b"\n", *lines[number:]]


DAMAGED = [
    (lambda lines: [], "the file is empty", 1),
    (cut, "the last line is cut off", 18),
    (lambda lines: lines[:-1], "the chain ends before the run does", 17),
    (lambda lines: lines[:1], "the chain ends before the run does", 1),
    (lambda lines: [*lines[:4], *lines[5:]], "a line was edited, moved, added or taken out", 5),
    (lambda lines: [*lines[:4], lines[3], *lines[4:]], "a line was edited, moved, added or taken out", 5),
    (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], "a line was edited, moved, added or", 5),
    (lambda lines: [*lines, lines[-1]], "a line was edited, moved, added or taken out", 19),
    (said(4, "not JSON"), "the line is no JSON object of finite numbers", 4),
    (said(4, "[]"), "the line is not in the one form that a chain is written in", 4),
    (said(4, '{"step": 1}'), "the line is not in the one form", 4),
    (said(4, '{"step":1,"step":1}'), "the line is not in the one form", 4),
    (said(4, '{"lr":1e999}'), "the line is no JSON object of finite numbers", 4),
    (said(4, '{"lr":NaN}'), "the line is no JSON object of finite numbers", 4),
    (said(4, '{"lr":1e5}'), "the line is not in the one form", 4),
    (said(4, '{"lr":' + "9" * 5000 + "}"), "the line is no JSON object of finite numbers", 4),
    (said(4, "[" * 100_000), "the line is no JSON object of finite numbers", 4),
    (said(4, "{}"), "`step`: field required", 4),
    (said(1, '{"format":1}'), "`recipe`: field required", 1),
    (lambda lines: [b"\xff\xfe\n", *lines[1:]], "the line is no JSON object of finite numbers", 1),
    (lambda lines: edited(lines, 1, format="1"), "`format`: input should be 1", 1),
    (lambda lines: edited(lines, 1, ends=[10, 5, 40]), "`ends` do not rise to the last step", 1),
    (lambda lines: edited(lines, 1, ends=[41]), "`ends` do not rise to the last step", 1),
    (lambda lines: edited(lines, 1, steps=2**31, every=1, ends=[2**31]), "is more than the file holds", 1),
    (
        lambda lines: edited(lines, 1, steps=10**9, ends=[10**9]),
        "digests of the state stand where no segment ends",
        4,
    ),
    (lambda lines: edited(lines, 1, more=1), "`more`: extra inputs are not permitted", 1),
    (lambda lines: edited(lines, 4, step=2), "`step` is 2, expected 5", 4),
    (lambda lines: edited(lines, 4, step=-1), "`step`: input should be greater than or equal to 0", 4),
    (lambda lines: edited(lines, 4, losses="AAAA"), "`losses` are not 4 numbers", 4),
    (lambda lines: edited(lines, 4, losses="?"), "`losses` are not 4 numbers", 4),
    (lambda lines: edited(lines, 4, sketch="AAAA"), "`sketch` is not 509 numbers", 4),
    (lambda lines: edited(lines, 3, weights=HASH), "digests of the state stand where no segment ends", 3),
    (lambda lines: edited(lines, 2, optimizer=None), "digests of the state are missing", 2),
    (lambda lines: edited(lines, 4, finished=HASH), "the chain goes on after the run's last line", 5),
    (
        lambda lines: edited(lines, 4, checkpoint="/etc/passwd"),
        "`checkpoint`: string should match pattern",
        4,
    ),
    (
        lambda lines: edited(lines, 18, losses=floats(1, math.nan, math.inf, math.nan)),
        "the run diverged: from step 38 on no loss is a finite number",
        18,
    ),
    (
        lambda lines: edited(
            lines, 3, sketch=base64.b64encode(struct.pack("<509d", *[math.nan] * 509)).decode()
        ),
        "the sketch of step 1 is no finite number",
        3,
    ),
]


@pytest.mark.parametrize(("damage", "what", "line"), DAMAGED)
def test_a_damaged_chain_fails_at_its_line(honest, damage, what, line):
    honest.write(damage(honest.lines()))
    result = honest.audit()
    (fault,) = result.faults
    assert what in fault.what
    assert fault.where == f"training_chain.jsonl:{line}"
    assert result.failed
    assert result.replayed == 0


def test_a_chain_of_a_later_format_is_no_failure(honest):
    honest.write(edited(honest.lines(), 1, format=2, more=1))
    result = honest.audit()
    assert not result.failed
    assert not result.faults
    for step in (result.started, result.traced):
        assert step.state == "not attempted"
        assert step.reason == "the chain is of format 2, this fmaudit reads up to 1"


def test_a_file_of_many_short_lines_is_left_at_its_first(honest):
    raw = honest.lines()[0] + b"{}\n" * 1_000_000
    tracemalloc.start()
    with pytest.raises(Broken, match="field required"):
        parse(raw)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * len(raw)


def test_a_huge_line_is_not_parsed(honest):
    honest.write([b"{" + b" " * MOST_LINE_BYTES + b"}\n", *honest.lines()[1:]])
    assert "more than 16,777,216" in honest.audit().faults[0].what


def test_a_chain_that_is_a_link_or_a_folder_is_not_read(honest, tmp_path):
    honest.chain.rename(tmp_path / "chain")
    honest.chain.symlink_to(tmp_path / "chain")
    assert "links are not followed" in honest.audit().faults[0].what


CONSISTENT = [  # edits after which all links hold again
    ({"examples": HASH}, 4, "the examples of steps 2 to 5 are not those that the seed gives"),
    ({"lr": 0.0101}, 4, "the learning rate of step 5 is 0.0101, not 0.01"),
    ({"weights": HASH}, 2, "digest and sketch of the initial weights disagree"),
    ({"optimizer": HASH}, 2, "the optimizer does not begin at rest"),
    ({"losses": floats(9, 9, 9, 9)}, 4, "does not follow the recipe"),
    ({"losses": floats(math.nan)}, 3, "does not follow the recipe"),
    ({"weights": HASH}, 6, "are not those that the chain binds"),
    ({"finished": HASH}, 18, "`finished` is not the digest of the weights"),
    ({"checkpoint": "checkpoints/none.safetensors"}, 6, "there is no such file"),
    ({"checkpoint": "../x.safetensors"}, 6, "lies outside of the bundle"),
    ({"checkpoint": "model.safetensors"}, 6, "tensor `model.layers.0.weight` is missing"),
    ({"checkpoint": "checkpoints/step-00000005.safetensors"}, 6, "are not those that the chain binds"),
]


@pytest.mark.parametrize(("changes", "number", "what"), CONSISTENT)
def test_an_edit_whose_links_were_made_to_fit_fails_all_the_same(honest, changes, number, what):
    honest.write(edited(honest.lines(), number, **changes))
    result = honest.audit()
    assert result.failed
    assert any(what in fault.what for fault in result.faults), result.faults


def state_of(bundle, step):
    return bundle.folder / "checkpoints" / f"step-{step:08d}.safetensors"


def changed(name, change):
    """A state whose tensor `name` is changed."""

    def damage(path):
        state = load_file(path)
        state[name] = change(state[name])
        save_file(state, path)

    return damage


WEIGHT, SLOT = "model.layers.0.weight", "exp_avg.layers.0.weight"
STATES = [
    (lambda path: path.unlink(), "there is no such file"),
    (lambda path: path.write_bytes(b""), "the file is empty"),
    (lambda path: path.write_bytes(path.read_bytes()[:-8]), "cannot be read"),
    (lambda path: path.write_bytes(b"\x80\x02}q\x00." * 100), "not safetensors"),
    (lambda path: (path.rename(path.with_name("x")), path.symlink_to("x")), "links are not followed"),
    (
        lambda path: save_file({WEIGHT: torch.zeros(2)}, path),
        "tensor `model.layers.0.weight` is [2], the run's",
    ),
    (lambda path: save_file({"w": torch.zeros(2)}, path), "tensor `model.layers.0.weight` is missing"),
    (
        lambda path: save_file(load_file(path) | {"w": torch.zeros(2)}, path),
        "tensor `w` is none of this run's",
    ),
    (changed(WEIGHT, lambda value: value.half()), "holds F16, the run's F32"),
    (changed(WEIGHT, lambda value: value * math.nan), "the weights in"),
    (changed(WEIGHT, lambda value: value + 1e-6), "the weights in"),
    (changed(SLOT, lambda value: value * 1.01), "the optimizer's state in"),
]


@pytest.mark.parametrize("step", [20, 40])
@pytest.mark.parametrize(("damage", "what"), STATES)
def test_a_damaged_state_fails_at_the_line_that_names_it(honest, damage, what, step):
    damage(state_of(honest, step))
    result = honest.audit("0")
    assert result.traced.state == "failed"
    assert what in result.faults[0].what
    line = next(n for n, line in enumerate(honest.lines(), 1) if f'"step":{step},'.encode() in line)
    assert result.faults[0].where == f"training_chain.jsonl:{line}"


def test_a_chain_without_stored_states_is_audited_as_far_as_it_goes(honest):
    lines = honest.lines()
    for number in range(4, len(lines) + 1, 2):
        lines = edited(lines, number, checkpoint=None)
    honest.write(lines)
    result = honest.audit("0")
    assert (result.started.state, result.traced.state) == ("passed", "not attempted")
    assert result.traced.reason == "segment 8: the chain names no stored state to begin with"


@settings(max_examples=50, deadline=None)
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_no_flipped_bit_before_the_last_line_and_no_cut_goes_unnoticed(made, at, bit, cut):
    raw = bytearray(made(segments=8).chain.read_bytes())
    place = int(at * raw.rindex(b"\n", 0, -1))  # the last line's own digest is told by the last segment
    raw[place] ^= 1 << bit
    with pytest.raises(Broken):
        parse(bytes(raw[:place] if cut else raw))


def test_weights_shipped_beside_an_honest_chain_do_not_pass_by_its_last_line(honest):
    other = {name: value + 1 for name, value in honest.release.weights.items()}
    flat = weights_of({f"model.{name}": value for name, value in other.items()})
    honest.write(edited(honest.lines(), 18, finished=weights_digest(flat)))
    (fault,) = honest.audit("0", weights=other).faults
    assert fault.what == "`finished` is not the digest of the weights that the last state gives"
    assert fault.where == "training_chain.jsonl:18"
