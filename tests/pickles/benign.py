"""Honest files that hold pickles, or look as if they did; written by the libraries themselves where they are at hand."""

import argparse
import collections
import datetime as dt
import gzip
import io
import json
import pathlib
import pickle
import random
import warnings
import zipfile

import numpy as np
import torch

from tests.pickles.containers import tarred, zipped


def saved(thing, **options):
    stream = io.BytesIO()
    torch.save(thing, stream, **options)
    return stream.getvalue()


def numpy_file(save, *arguments, **named):
    stream = io.BytesIO()
    save(stream, *arguments, **named)
    return stream.getvalue()


def benign():
    """Name and bytes of each file."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from torch_files()
    yield from numpy_files()
    yield from plain_pickles()
    yield from other_files()


def torch_files():
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.rand(5, 4)).sum().backward()
    optimizer.step()
    state = model.state_dict()
    yield "state.pt", saved(state)
    yield "state_old_format.pt", saved(state, _use_new_zipfile_serialization=False)
    for protocol in (3, 4, 5):
        yield f"state_protocol_{protocol}.pt", saved(state, pickle_protocol=protocol)
    yield "optimizer.pt", saved(optimizer.state_dict())
    yield "optimizer_old_format.pt", saved(optimizer.state_dict(), _use_new_zipfile_serialization=False)
    yield "scheduler.pt", saved(torch.optim.lr_scheduler.StepLR(optimizer, 1).state_dict())
    generators = {"python": random.getstate(), "cpu": torch.get_rng_state()}
    generators["numpy"] = np.random.RandomState(1).get_state()
    yield "rng_state.pth", saved(generators)
    yield "checkpoint.ckpt", saved({"state_dict": state, "epoch": 3, "args": argparse.Namespace(lr=0.1)})
    kinds = [
        torch.float16,
        torch.bfloat16,
        torch.int8,
        torch.bool,
        torch.complex64,
        torch.uint16,
        torch.float8_e4m3fn,
    ]
    yield "dtypes.pt", saved({str(kind): torch.ones(2).to(kind) for kind in kinds})
    sparse = {"coo": torch.eye(3).to_sparse(), "csr": torch.eye(3).to_sparse_csr()}
    yield "sparse.pt", saved(sparse)
    quantized = torch.quantize_per_tensor(torch.rand(3), 0.1, 0, torch.quint8)
    yield "quantized.pt", saved({"q": quantized, "device": torch.device("cpu"), "size": torch.Size([1])})
    yield (
        "parameters.bin",
        saved({"p": torch.nn.Parameter(torch.ones(2)), "b": torch.nn.Buffer(torch.ones(2))}),
    )
    yield (
        "paths.pt",
        saved({"path": pathlib.PurePosixPath("a"), "when": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}),
    )
    torch.serialization.set_crc32_options(False)
    yield "without_checksums.pt", saved(state)
    torch.serialization.set_crc32_options(True)
    yield "tensor.pkl", pickle.dumps(torch.ones(3))
    yield "tensor_protocol_2.pkl", pickle.dumps(torch.ones(3), 2)
    yield "many.pt", saved({f"layer.{number}.weight": torch.ones(2) for number in range(300)})
    yield "archive_in_bytes.pkl", pickle.dumps({"note": "a model", "model": saved(state)})
    yield "archive_of_models.zip", zipped({"a/state.pt": saved(state), "a/notes.txt": b"text"})
    yield "model.nemo", tarred({"model_config.yaml": b"a: 1\n", "model_weights.ckpt": saved(state)})


def numpy_files():
    numbers = np.arange(6.0).reshape(2, 3)
    yield "numbers.npy", numpy_file(np.save, numbers)
    yield "numbers.npz", numpy_file(np.savez, a=numbers, b=np.array(["x", "yy"]))
    yield "numbers_compressed.npz", numpy_file(np.savez_compressed, a=numbers, b=np.zeros(100_000))
    yield (
        "objects.npy",
        numpy_file(np.save, np.array([1, 2.5, "three", None], dtype=object), allow_pickle=True),
    )
    yield "objects.npz", numpy_file(np.savez, a=np.array([{"a": 1}, [2]], dtype=object))
    for protocol in range(6):
        things = {"a": numbers, "s": np.float32(1), "t": np.dtype([("x", "<f4")])}
        yield f"numpy_protocol_{protocol}.pkl", pickle.dumps(things, protocol)
    import joblib

    columns = {"x": numbers, "words": np.array(["ab", "c"]), "mixed": np.array([1, "a"], dtype=object)}
    for compress in (0, 3, ("gzip", 3), ("xz", 3)):
        stream = io.BytesIO()
        joblib.dump(columns, stream, compress=compress)
        yield f"columns_{str(compress)[:6].strip('(')}.joblib", stream.getvalue()


def plain_pickles():
    words = {f"word {number}": number for number in range(3000)}
    for protocol in range(6):
        yield f"words_protocol_{protocol}.pkl", pickle.dumps(words, protocol)
    things = [collections.OrderedDict(a=1), collections.Counter("aab"), collections.defaultdict(list, a=[1])]
    things += [
        {1, 2},
        frozenset([3]),
        range(4),
        slice(1, 2),
        1j,
        b"bytes",
        bytearray(b"more"),
        10**40,
        -5,
        1.5,
    ]
    for protocol in (0, 2, 4):
        yield f"things_protocol_{protocol}.pickle", pickle.dumps(things, protocol)
    yield "two_in_a_row.pkl", pickle.dumps([1, 2]) + pickle.dumps("three")
    yield (
        "large.pkl",
        pickle.dumps({"data": bytes(300_000), "text": "x" * 300_000, "many": list(range(5000))}),
    )


def other_files():
    """No pickles, though some begin or end like one."""
    yield "raw.bin", np.arange(1000, dtype="<f4").tobytes()
    yield "raw_with_mark.bin", b"\x80\x02" + random.Random(1).randbytes(4000)
    yield "files.txt", b"config.json\nmodel.safetensors\n.gitattributes\n"
    yield "vocab.txt", b"cat\ndog\n.\n(the)\nin\n"
    yield "merges.bin", b"c a\nt h\n(th e\n"
    yield "table.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000)
    yield (
        "data.tar.gz",
        gzip.compress(tarred({"data/a.csv": b"a,b\n1,2\n", "data/b.csv": b"a\n"}, links={"data/c": "a.csv"})),
    )
    yield (
        "tables.zip",
        zipped({"a.csv": b"a,b\n", "b/c.json": json.dumps({"a": 1}).encode()}, zipfile.ZIP_DEFLATED),
    )
    yield "empty.bin", b""
    yield "one_byte.pkl", b"\x80"
