"""Code that loading runs: what asks for it in which file, where it is missing, and what it does at once."""

import json

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings

CODES = ("SEC003", "SEC006", "SEC007", "SEC008", "SEC009")


@pytest.fixture
def found(tmp_path):
    """`found({path: content})`: code and file of every finding in a bundle of these files."""

    def find(files):
        for path, content in {"README.md": "x", **files}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content if isinstance(content, str) else json.dumps(content))
        result = check(Bundle.open(tmp_path), Settings(CODES, profile="audit"), isolate=False)
        return [(finding.code, finding.spans[0].file) for finding in result.findings]

    return find


HONEST = {
    "no code": {"config.json": {"architectures": ["X"]}},
    "of transformers": {"config.json": {"auto_map": {}}, "tokenizer_config.json": {"auto_map": None}},
    "of sentence-transformers": {
        "modules.json": [{"idx": 0, "type": "sentence_transformers.models.Transformer"}, {"idx": 1}]
    },
    "scripts that are not loaded": {
        "train.py": "import subprocess\nsubprocess.run(['nvidia-smi'])",
        "scripts/modeling_x.py": "import os\nos.system('x')",
    },
    "a model": {
        "modeling_x.py": "import math\nimport torch\nfrom torch import nn\nfrom .configuration_x import X\n"
        "try:\n    from flash_attn import f\nexcept ImportError:\n    f = None\nlogger = logging.get_logger(__name__)\n"
        "@torch.compile\ndef g(x): return x\nclass M(nn.Module):\n    def forward(self, x):\n        self.eval()\n        return x",
        "configuration_x.py": "class X: ...",
    },
    "odd values": {"config.json": {"auto_map": {"A": None, "B": 7, "C": [None, 7], "D": "", "E": "x"}}},
    "a list": {"config.json": [1], "modules.json": {"a": 1}, "tokenizer_config.json": 7},
}


@pytest.mark.parametrize("files", HONEST.values(), ids=HONEST)
def test_an_honest_release_is_silent(found, files):
    assert found(files) == []


ASKS = {"auto_map": {"AutoModel": "modeling_x.X"}}
CODE = {"modeling_x.py": "class X: ..."}


@pytest.mark.parametrize(
    "files",
    [
        {"config.json": ASKS, **CODE},
        {"tokenizer_config.json": {"auto_map": {"AutoTokenizer": ["modeling_x.X", None]}}, **CODE},
        {"preprocessor_config.json": ASKS, **CODE},
        {"config.json": {"custom_pipelines": {"p": {"impl": "modeling_x.P", "pt": ["AutoModel"]}}}, **CODE},
        {"modules.json": [{"type": "modeling_x.X"}], **CODE},
        {"unet/config.json": ASKS, "unet/modeling_x.py": "class X: ..."},
        {"unet/config.json": ASKS, **CODE},
        {"config.json": {"auto_map": {"AutoModel": "pkg.modeling_x.X"}}, "pkg/modeling_x.py": "class X: ..."},
    ],
)
def test_what_asks_for_code_is_told_wherever_it_stands(found, files):
    assert [code for code, _ in found(files)] == ["SEC003"]


def test_several_files_that_ask_for_it_are_one_finding(found):
    asking = dict.fromkeys(("config.json", "tokenizer_config.json", "processor_config.json"), ASKS)
    assert [code for code, _ in found({**asking, **CODE})] == ["SEC003"]


def test_code_that_is_not_there_is_told_once(found):
    both = {"auto_map": {"AutoModel": "modeling_x.X", "AutoConfig": "modeling_x.C", "A": "other.O"}}
    assert [code for code, _ in found({"config.json": both})] == ["SEC003", "SEC006", "SEC006"]


def test_code_of_other_repositories_is_told_once_each(found):
    both = {"AutoModel": "a/b--m.X", "AutoConfig": "a/b--c.X", "AutoTokenizer": "c/d--t.X"}
    assert [code for code, _ in found({"config.json": {"auto_map": both}})] == ["SEC003", "SEC007", "SEC007"]


@pytest.mark.parametrize(
    "call",
    [
        "import os\nos.system('x')", "import subprocess\nsubprocess.run(['x'])", "exec('x')", "eval('x')",
        "import requests\nrequests.get('x')", "import urllib.request\nurllib.request.urlopen('x')",
        "import socket\ns = socket.socket()", "import pickle\npickle.loads(b'x')", "import ctypes\nctypes.CDLL('x')",
        "import marshal\nmarshal.loads(b'x')", "import shutil\nshutil.rmtree('x')", "from pip import main\nmain([])",
        "import torch\ntorch.hub.load('x', 'y')", "exec(__import__('base64').b64decode('eA=='))",
        "from torch.utils.cpp_extension import load\nload('x')",
    ],
)  # fmt: skip
def test_what_code_does_on_import_is_told(found, call):
    assert ("SEC008", "modeling_x.py") in found({"config.json": ASKS, "modeling_x.py": call})


def test_modules_that_it_imports_are_looked_into_and_others_not(found):
    files = {
        "config.json": ASKS,
        "modeling_x.py": "from .layers import L\nfrom .pkg import mod\nimport helper",
        "layers.py": "from . import deep",
        "deep.py": "import os\nos.system('x')",
        "pkg/__init__.py": "",
        "pkg/mod.py": "from ..more import m",
        "more.py": "import os\nos.system('x')",
        "helper.py": "import os\nos.system('x')",
        "stranger.py": "import os\nos.system('x')",
    }
    assert [file for code, file in found(files) if code == "SEC008"] == ["deep.py", "helper.py", "more.py"]


def test_modules_that_import_each_other_end(found):
    files = {
        "modeling_a.py": "from .modeling_b import x",
        "modeling_b.py": "from .modeling_a import x\nfrom . import *",
    }
    assert found(files) == []


@pytest.mark.parametrize(
    "name",
    ["handler.py", "pipeline.py", "modeling_x.py", "configuration_x.py", "custom_generate/generate.py"],
)
def test_what_services_load_by_its_name_is_looked_into(found, name):
    assert found({name: "import os\nos.system('x')"}) == [("SEC008", name)]


def test_what_code_does_when_it_is_used_is_a_hint(found):
    assert found({"handler.py": "import requests\ndef f(u):\n    return requests.get(u)"}) == [
        ("SEC009", "handler.py")
    ]


def test_code_that_cannot_be_read_is_not_checked(tmp_path):
    (tmp_path / "modeling_x.py").write_text("print 'python 2'")
    result = check(Bundle.open(tmp_path), Settings(("SEC008",)), isolate=False)
    assert [outcome.state for outcome in result.outcomes] == ["not checked"]


def test_a_module_that_is_a_link_is_not_followed(found, tmp_path):
    (tmp_path / "modeling_x.py").symlink_to("/etc/passwd")
    assert [code for code, _ in found({"config.json": ASKS})] == ["SEC003"]
