"""Data files: found, held against their digest, decoded; every fault in words."""

import contextlib
import gzip
import hashlib
import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.errors import CannotRun
from auditor.formats.recipe_data import CsvSplit, Data, IdxSplit, TextSplit
from auditor.training import arrays as arrays_module
from auditor.training.data import data_files, decode, fetch

CSV = b"1,2,0\n3,4,1\n5,6,1\n"


def csv_split(**change):
    return CsvSplit(
        **(
            {"kind": "csv", "file": "x.csv", "first_row": 0, "rows": 3, "features": 2, "label_column": 2}
            | change
        )
    )


def idx(values):
    header = bytes((0, 0, 8, values.ndim)) + b"".join(side.to_bytes(4, "big") for side in values.shape)
    return header + values.astype(np.uint8).tobytes()


def text_split(**change):
    return TextSplit(**({"kind": "text", "file": "t", "first": 0, "length": 7, "block": 3} | change))


IDX = IdxSplit(kind="idx", images="i", labels="l")
IMAGES = np.arange(24).reshape(2, 3, 4)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_csv_rows_become_inputs_and_labels(pack):
    arrays = decode("train", csv_split(first_row=1, rows=2), 2.0, {"x.csv": pack(CSV)})
    assert arrays.inputs.tolist() == [[1.5, 2.0], [2.5, 3.0]]
    assert arrays.targets.tolist() == [1, 1]
    assert arrays.inputs.dtype == np.float32


def test_a_header_line_is_skipped():
    arrays = decode("train", csv_split(has_header=True), 1.0, {"x.csv": b"a,b,label\n" + CSV})
    assert arrays.inputs[0].tolist() == [1, 2]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_images_become_rows(pack):
    raw = {"i": pack(idx(IMAGES)), "l": pack(idx(np.array([7, 9])))}
    arrays = decode("test", IDX, 255.0, raw)
    np.testing.assert_allclose(arrays.inputs[1], np.arange(12, 24, dtype=np.float32) / 255, rtol=1e-6)
    assert arrays.targets.tolist() == [7, 9]


@pytest.mark.parametrize(
    ("split", "raw", "told"),
    [
        (csv_split(rows=9), {"x.csv": CSV}, "rows 0 to 8 are not all there"),
        (csv_split(), {"x.csv": b"1,2,0\n3,x,1\n5,6,1\n"}, "could not convert string 'x'"),
        (csv_split(), {"x.csv": b"1,2,0.5\n3,4,1\n5,6,1\n"}, "row 0 has the label 0.5, expected a whole"),
        (csv_split(label_column=7), {"x.csv": CSV}, "out of bounds"),
        (csv_split(), {"x.csv": gzip.compress(CSV)[:-9]}, "ended before the end-of-stream marker"),
        (csv_split(), {"x.csv": b"\xff\xfe"}, "can't decode"),
        (csv_split(), {"x.csv": b""}, "rows 0 to 2 are not all there, 0 are"),
        (csv_split(has_header=True), {"x.csv": b"a,b,c\n"}, "rows 0 to 2 are not all there, 0 are"),
        (csv_split(), {"x.csv": b"1,2,0\n3,4\n5,6,1\n"}, "number of columns changed from 3 to 2"),
        (csv_split(), {"x.csv": b"1,2,0\n3,nan,1\n5,6,1\n"}, "row 1 has nan as number 1"),
        (csv_split(), {"x.csv": b"1,2,0\n3,1e300,1\n5,6,1\n"}, "row 1 has inf as number 1"),
        (csv_split(), {"x.csv": b"1,2,0\n3,4,inf\n5,6,1\n"}, "row 1 has inf as number 0"),
        (csv_split(), {"x.csv": b"1,2,0\n3,4,1e300\n5,6,1\n"}, "row 1 has the label 1e\\+300"),
        (csv_split(features=5, label_column=6), {"x.csv": CSV}, "its rows have 3 columns, `features` is 5"),
        (csv_split(label_column=1), {"x.csv": CSV}, "column 1 is a target and among the first 2"),
        (csv_split(label_column=None), {"x.csv": CSV}, "neither of `label_column` and `target_columns`"),
        (csv_split(target_columns=[2]), {"x.csv": CSV}, "both of `label_column` and `target_columns`"),
        (csv_split(), {"x.csv": b"1,2,0\n\x1b[31m,4,1\n5,6,1\n"}, r"string '\\x1b"),
        (IDX, {"i": b"", "l": idx(np.array([1]))}, "not an idx file"),
        (IDX, {"i": idx(IMAGES)[:-1], "l": idx(np.array([1, 2]))}, "its header says 2 x 3 x 4"),
        (IDX, {"i": idx(IMAGES), "l": idx(np.array([1]))}, "2 images but 1 labels"),
        (IDX, {"i": idx(IMAGES[:0]), "l": idx(np.array([]))}, "it holds no pixels"),
        (
            IDX,
            {"i": bytes((0, 0, 8, 3)) + b"\x80\0\0\0" * 3, "l": idx(np.array([1]))},
            "header says 2147483648",
        ),
        (text_split(), {"t": b"\xff\xfe"}, "can't decode"),
        (text_split(), {"t": b""}, "not all there, the text has 0"),
        (text_split(length=1), {"t": b"a"}, "1 characters fill no block of 3 and its next character"),
        (text_split(length=3), {"t": b"abc"}, "3 characters fill no block"),
        (text_split(first=5), {"t": b"abcdefgh"}, "characters 5 to 11 are not all there, the text has 8"),
    ],
)
def test_bytes_that_do_not_decode_are_a_clear_message(split, raw, told):
    with pytest.raises(CannotRun, match=told) as caught:
        decode("train", split, 1.0, raw)
    assert caught.value.exit_code == 4


def test_columns_of_targets_are_numbers_or_sequences():
    several = csv_split(features=1, label_column=None, target_columns=[1, 2])
    arrays = decode("train", several, 1.0, {"x.csv": b"1,2,0\n3,4,-1\n5,6,1\n"})
    assert arrays.targets.dtype == np.int64
    assert arrays.targets.tolist() == [[2, 0], [4, -1], [6, 1]]
    arrays = decode("train", several, 1.0, {"x.csv": b"1,2,0\n3,4.5,1\n5,6,1\n"})
    assert arrays.targets.dtype == np.float32


def test_a_mark_of_byte_order_and_a_header_in_any_script_are_passed_over():
    raw = "\ufeffgröße,breite,art\n".encode() + CSV
    assert len(decode("train", csv_split(has_header=True), 1.0, {"x.csv": raw}).targets) == 3


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_text_becomes_blocks_of_tokens_and_the_next_ones(pack):
    arrays = decode("train", text_split(first=1), 255.0, {"t": pack("cabébacaa".encode())})
    assert arrays.inputs.tolist() == [[0, 1, 3], [1, 0, 2]]  # a b é b a c a
    assert arrays.targets.tolist() == [[1, 3, 1], [0, 2, 0]]
    assert arrays.symbol_bytes.tolist() == [1, 1, 1, 2]


def test_characters_take_the_bytes_that_utf_8_gives_them():
    text = "a\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffff"
    arrays = decode("t", text_split(length=8, block=7), 1.0, {"t": text.encode()})
    assert arrays.symbol_bytes.tolist() == [len(sign.encode()) for sign in sorted(text)]


def test_a_text_of_one_character_is_a_text():
    arrays = decode("t", text_split(), 1.0, {"t": b"aaaaaaa"})
    assert arrays.inputs.tolist() == arrays.targets.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_text_beyond_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(arrays_module, "MOST_CHARACTERS", 5)
    with pytest.raises(CannotRun, match="it has 7 characters, at most 5 are read"):
        decode("t", text_split(), 1.0, {"t": b"aaaaaaa"})


@settings(max_examples=50)
@given(st.binary(max_size=60), st.sampled_from([csv_split(), IDX, text_split()]), st.booleans())
def test_any_bytes_are_decoded_or_refused_in_words(raw, split, packed):
    raw = gzip.compress(raw) if packed else raw
    with contextlib.suppress(CannotRun):
        decode("train", split, 1.0, dict.fromkeys(("x.csv", "i", "l", "t"), raw))


def test_a_gzip_file_of_several_members_is_read_whole():
    packed = gzip.compress(CSV[:6]) + gzip.compress(CSV[6:])
    assert len(decode("train", csv_split(), 1.0, {"x.csv": packed}).targets) == 3


def test_an_archive_that_grows_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(arrays_module, "MOST_BYTES", 1000)
    with pytest.raises(CannotRun, match="unpacks to more than 1,000 bytes"):
        decode("train", csv_split(), 1.0, {"x.csv": gzip.compress(b"0" * 5000)})


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "release"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "x.csv").write_bytes(CSV)
    return folder


def wanted(bundle, **change):
    listed = {
        "@type": "cr:FileObject",
        "@id": "x.csv",
        "contentUrl": "x.csv",
        "sha256": hashlib.sha256(CSV).hexdigest(),
    } | change
    listed = {name: value for name, value in listed.items() if value is not None}
    manifest = {"@context": {}, "@type": "sc:Dataset", "name": "x", "distribution": [listed]}
    (bundle / "data" / "croissant.json").write_text(json.dumps(manifest, indent=1))
    opened = Bundle.open(bundle)
    recipe = Data(splits={"train": csv_split()})
    return opened, data_files(recipe, opened.document("data/croissant.json"))


def read(bundle, folder=None, **change):
    opened, files = wanted(bundle, **change)
    return fetch(files["x.csv"], opened, "data/croissant.json", folder)


def test_a_file_beside_the_manifest_is_read(bundle):
    assert read(bundle) == CSV


def test_a_file_named_by_url_is_read_from_the_data_folder(bundle, tmp_path):
    shutil.move(bundle / "data" / "x.csv", tmp_path / "x.csv")
    assert read(bundle, tmp_path, contentUrl="https://example.org/files/x.csv") == CSV


@pytest.mark.parametrize("url", ["https://example.org/files/x.csv?download=1", "https://example.org/42"])
def test_a_url_whose_end_is_no_file_name_is_found_by_its_path_or_id(bundle, tmp_path, url):
    shutil.move(bundle / "data" / "x.csv", tmp_path / "x.csv")
    assert read(bundle, tmp_path, contentUrl=url) == CSV


def test_a_file_of_an_installed_package_is_read():
    from auditor.training.data import DataFile

    digits = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
    file = DataFile("d", "pkg:pypi/scikit-learn#sklearn/datasets/data/digits.csv.gz", digits, "here")
    assert len(fetch(file, None, "", None)) == 57523


def test_a_file_that_is_not_here_says_where_to_put_it(bundle):
    with pytest.raises(CannotRun, match="is not here") as caught:
        read(bundle, contentUrl="https://example.org/y.csv")
    assert "--data" in caught.value.help
    assert caught.value.where.startswith("data/croissant.json:")


def test_a_digest_that_differs_shows_both(bundle):
    with pytest.raises(CannotRun, match=r"has sha256 [0-9a-f]{64}, the manifest declares 0{64}"):
        read(bundle, sha256="0" * 64)


@pytest.mark.parametrize("url", ["../secret.csv", "/etc/passwd", "sub/../../x.csv"])
def test_a_path_out_of_the_bundle_is_never_read(bundle, url):
    (bundle.parent / "secret.csv").write_bytes(CSV)
    with pytest.raises(CannotRun, match="is not here"):
        read(bundle, contentUrl=url)


def test_a_link_in_the_bundle_is_not_followed(bundle, tmp_path):
    (tmp_path / "secret.csv").write_bytes(CSV)
    (bundle / "data" / "x.csv").unlink()
    (bundle / "data" / "x.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(CannotRun):
        read(bundle)


def test_a_file_without_a_digest_is_refused(bundle):
    with pytest.raises(CannotRun, match="has no `sha256`"):
        read(bundle, sha256=None)


def test_a_file_the_manifest_does_not_name_is_refused(bundle):
    with pytest.raises(CannotRun, match=r"names no file `x\.csv`"):
        wanted(bundle, **{"@id": "y.csv"})


def test_an_odd_identifier_in_the_manifest_is_passed_over(bundle):
    with pytest.raises(CannotRun, match=r"names no file `x\.csv`"):
        wanted(bundle, **{"@id": ["x.csv"]})


def test_a_package_that_is_not_installed_says_how_to_get_it(bundle):
    with pytest.raises(CannotRun, match="not installed") as caught:
        read(bundle, contentUrl="pkg:pypi/no-such-package-here#x.csv")
    assert caught.value.help == "pip install no-such-package-here"
