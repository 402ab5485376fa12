"""What is said of pickles: which imports pass, which are named as dangerous, and the other scanner."""

import io
import pickle
import sys

import joblib
import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.cluster import BisectingKMeans, FeatureAgglomeration
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer, StandardScaler
from torch._weights_only_unpickler import _get_allowed_globals

from auditor.bundle import Bundle, Unread
from auditor.readers.forward import Forward, Held
from auditor.readers.pickle import Import, walk
from auditor.rules.imports import verdict
from auditor.rules.pickles import SECOND_OPINION
from auditor.rules.registry import needed
from auditor.rules.vocabulary import words_by_first
from tests.pickles.looking import said
from tests.pickles.writing import EVIL, called, imported, pickled, value


def judged(module, name, *uses, old_names=False):
    return verdict(Import(module, name, 0, old_names, set(uses)))


def test_all_that_torch_builds_from_weights_alone_is_allowed():
    for path in _get_allowed_globals():
        module, _, name = path.rpartition(".")
        assert judged(module, name, "called") == "allowed", path


def test_no_word_is_both_allowed_and_dangerous():
    allowed, dangerous = words_by_first("pickle_allowed.txt"), words_by_first("pickle_dangerous.txt")
    for module, names in allowed.items():
        assert "*" not in names
        assert not names & dangerous.get(module, frozenset())


@pytest.mark.parametrize(
    ("module", "name", "uses", "expected"),
    [
        ("collections", "OrderedDict", {"called"}, "allowed"),
        ("numpy", "ndarray", set(), "allowed"),
        ("numpy", "ndarray", {"called"}, "unlisted"),
        ("collections", "OrderedDict.fromkeys", {"called"}, "unlisted"),
        ("builtins", "dict.get", {"called"}, "unlisted"),
        ("os", "system", {"called"}, "runs code"),
        ("os.path", "join", {"called"}, "runs code"),
        ("torch", "os.system", set(), "runs code"),
        ("numpy", "__builtins__", set(), "runs code"),
        ("collections", "_sys.modules", set(), "runs code"),
        ("asyncio.unix_events", "_UnixSubprocessTransport._start", {"called"}, "runs code"),
        ("models", "Net", {"created"}, "unlisted"),
        ("sklearn.svm._classes", "SVC", {"created"}, "library"),
        ("sklearn.svm._classes", "SVC", {"called"}, "unlisted"),
        ("sklearn.datasets._base", "load_iris", set(), "unlisted"),
        ("sklearn.externals.x", "Thing", {"created"}, "unlisted"),
        ("sklearn.tree._tree", "Tree", {"called"}, "library"),
        ("sklearnish.x", "Thing", {"created"}, "unlisted"),
        ("torch.nn.modules.linear", "Linear", {"created"}, "library"),
        ("torch.nn.modules.module", "os.Thing", {"created"}, "runs code"),
        ("__torch__.torch.nn", "Linear", {"created"}, "unlisted"),
        ("transformers.training_args", "TrainingArguments", {"created"}, "library"),
        ("transformers.trainer_utils", "IntervalStrategy", {"called"}, "library"),
        ("transformers.trainer_utils", "set_seed", {"called"}, "unlisted"),
    ],
)
def test_an_import_is_judged_by_the_lists_and_denied_by_default(module, name, uses, expected):
    assert judged(module, name, *uses) == expected


def test_nothing_that_picklescan_calls_dangerous_passes():
    scanner = pytest.importorskip("picklescan.scanner")
    for module, names in scanner._unsafe_globals.items():
        for name in ["anything"] if names == "*" else [names] if isinstance(names, str) else sorted(names):
            assert judged(module, name, "called") in {"runs code", "unlisted"}, (module, name)


def test_names_of_python_2_are_taken_for_those_of_python_3():
    assert judged("__builtin__", "set", "called", old_names=True) == "allowed"
    assert judged("__builtin__", "set", "called") == "unlisted"
    assert judged("__builtin__", "eval", "called", old_names=True) == "runs code"
    assert judged("copy_reg", "_reconstructor", "called", old_names=True) == "allowed"
    assert judged("commands", "getoutput", "called", old_names=True) == "runs code"


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("dump", ["pickle", "joblib"])
def test_estimators_are_told_as_code_of_a_library(tmp_path, dump, protocol):
    features, labels = np.random.default_rng(0).random((20, 3)), np.arange(20) % 2
    models = [RandomForestClassifier(3), make_pipeline(StandardScaler(), LogisticRegression())]
    for number, model in enumerate(models):
        model.fit(features, labels)
        stream = io.BytesIO()
        if dump == "joblib":
            joblib.dump(model, stream, protocol=protocol)
        else:
            pickle.dump(model, stream, protocol)
        found = said(tmp_path / f"{number}", "model.pkl", stream.getvalue())
        assert {(code, level) for code, level, _ in found} == {("SEC004", "warning"), ("SEC205", "warning")}


@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(algorithm="kd_tree"),
        KNeighborsClassifier(algorithm="ball_tree"),
        SGDClassifier(),
        BisectingKMeans(2),
        SelectKBest(k=1),
        OneHotEncoder(),
        FunctionTransformer(np.log1p),
        FeatureAgglomeration(),
        SplineTransformer(),
        GridSearchCV(LogisticRegression(), {"C": [1, 2]}, scoring=make_scorer(f1_score), cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_estimators_keep_of_numpy_and_scipy_is_no_error(tmp_path, model):
    model.fit(np.random.default_rng(0).random((20, 3)), np.arange(20) % 2)
    found = said(tmp_path / "bundle", "model.pkl", pickle.dumps(model))
    assert {code for code, _, _ in found} == {"SEC004", "SEC205"}


def test_a_sparse_matrix_is_told_as_code_of_a_library(tmp_path):
    found = said(tmp_path / "bundle", "model.pkl", pickle.dumps(csr_matrix(np.eye(3))))
    assert {code for code, _, _ in found} == {"SEC004", "SEC205"}


def test_a_type_of_numpy_may_be_a_setting_but_not_be_called():
    assert judged("numpy", "float64") == "allowed"
    assert judged("numpy", "float64", "called") == "unlisted"


def test_a_whole_torch_model_is_told_as_code_of_a_library(tmp_path):
    stream = io.BytesIO()
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU()), stream)
    found = said(tmp_path / "bundle", "model.pt", stream.getvalue())
    assert {code for code, _, _ in found} == {"SEC004", "SEC205"}


def test_a_message_names_the_first_imports_and_where_they_stand(tmp_path):
    raw = pickled(*[called(imported("os", f"system{number}")) + b"0" for number in range(5)], value(None))
    found = {code: message for code, _, message in said(tmp_path / "bundle", "model.pkl", raw)}
    assert found["SEC201"] == (
        "the pickle imports `os.system0`, `os.system1`, `os.system2` and 2 more (byte 15): known to run code or to "
        "lead to it"
    )


def test_a_message_says_where_in_the_file_an_inner_pickle_lies(tmp_path):
    found = said(tmp_path / "bundle", "model.pkl", pickled(value({"extra": EVIL})))
    assert [message for code, _, message in found if code == "SEC201"] == [
        "the pickle in the bytes at byte 16, imports `os.system` (byte 30): known to run code or to lead to it"
    ]


def test_names_from_a_pickle_cannot_write_to_the_terminal(tmp_path):
    raw = pickled(called(imported("evil\x1b[31m", "x\n" * 400)))
    assert all(
        "\x1b" not in message and "\n" not in message for _, _, message in said(tmp_path / "b", "m.pkl", raw)
    )


def test_a_class_of_a_torchscript_archive_is_its_own_and_no_import():
    found = walk(Forward(Held(pickled(imported("__torch__.Net", "Net"), b")\x81"))))
    assert verdict(found.imports[0], in_torchscript=True) == "allowed"
    assert verdict(found.imports[0]) == "unlisted"


def opinion(tmp_path, raw, asked="picklescan"):
    from auditor.rules import load

    (tmp_path / "model.pkl").write_bytes(raw)
    bundle = Bundle.open(tmp_path)
    bundle.second_opinion = asked
    things = [needed(bundle, need) for need in load()["SEC209"].needs]
    return [fault.message for fault in load()["SEC209"].run(*things)]


def test_picklescan_says_what_it_finds_where_it_is_asked(tmp_path):
    pytest.importorskip("picklescan")
    assert opinion(tmp_path, EVIL) == ["picklescan calls it dangerous for `os.system`"]
    assert opinion(tmp_path, pickled(value({"a": 1}))) == []


def test_picklescan_that_fails_has_no_opinion(tmp_path):
    pytest.importorskip("picklescan")
    assert opinion(tmp_path, pickled(b"\x93")) == []


def test_picklescan_is_not_loaded_unless_it_is_asked(tmp_path):
    (tmp_path / "model.pkl").write_bytes(EVIL)
    assert "asked for with" in needed(Bundle.open(tmp_path), SECOND_OPINION).reason


def test_picklescan_that_is_not_installed_leaves_the_rule_unchecked(tmp_path, monkeypatch):
    (tmp_path / "model.pkl").write_bytes(EVIL)
    bundle = Bundle.open(tmp_path)
    bundle.second_opinion = "picklescan"
    monkeypatch.setitem(sys.modules, "picklescan", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert isinstance(needed(bundle, SECOND_OPINION), Unread)
