"""What Python code does on import is told from its syntax; nothing of it is run, whatever it holds."""

import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.document import Unreadable
from auditor.readers.python_code import MAX_CODE, MAX_WORDS, read_code


def names(text, *, on_import=True):
    return [call.name for call in read_code("m.py", text).calls if call.on_import is on_import]


AT_ONCE = {
    "a plain call": "import os\nos.system('x')",
    "by another name": "import os as o\no.system('x')",
    "by a name of its own": "from os import system as s\ns('x')",
    "assigned": "import os\nrun = os.system\nrun('x')",
    "in a condition": "import os\nif True:\n    os.system('x')",
    "in a try": "import os\ntry:\n    pass\nexcept Exception:\n    os.system('x')",
    "in a loop": "import os\nfor _ in [1]:\n    os.system('x')",
    "in a class": "import os\nclass A:\n    x = os.system('x')",
    "in a class in a class": "import os\nclass A:\n    class B:\n        os.system('x')",
    "as a default": "import os\ndef f(x=os.system('x')): pass",
    "as a default by name": "import os\ndef f(*, x=os.system('x')): pass",
    "in a decorator": "import os\n@os.system('x')\ndef f(): pass",
    "as a decorator": "import os\n@os.system\ndef f(): pass",
    "as a class's decorator": "import os\n@os.system\nclass A: pass",
    "in a base": "import os\nclass A(os.system('x')): pass",
    "in a comprehension": "import os\n[os.system('x') for _ in 'a']",
    "in an f-string": "import os\nf'{os.system(1)}'",
    "in a lambda that is called": "import os\n(lambda: os.system('x'))()",
    "in a function that is called": "import os\ndef f():\n    os.system('x')\nf()",
    "two functions down": "import os\ndef g():\n    os.system('x')\ndef f():\n    g()\nf()",
    "in a constructor": "import os\nclass A:\n    def __init__(self):\n        os.system('x')\nA()",
    "by __import__": "__import__('os').system('x')",
    "by importlib": "import importlib\nimportlib.import_module('os').system('x')",
    "by getattr": "import os\ngetattr(os, 'system')('x')",
    "by getattr and __import__": "getattr(__import__('os'), 'system')('x')",
    "through builtins": "import builtins, os\nbuiltins.print(os.system('x'))",
    "given to be called": "import os\nlist(map(os.system, ['x']))",
    "given by name": "import os\nf(key=os.system)",
    "in the other branch of main": "import os\nif __name__ == '__main__':\n    pass\nelse:\n    os.system('x')",
    "in a with": "import os\nwith open('x') as f:\n    os.system('x')",
    "in an assertion": "import os\nassert os.system('x') == 0",
    "in a match": "import os\nmatch 1:\n    case 1:\n        os.system('x')",
    "in an annotation": "import os\nx: os.system('x') = 1",
    "imported in a function": "def f():\n    import os\n    os.system('x')\nf()",
}


@pytest.mark.parametrize("text", AT_ONCE.values(), ids=AT_ONCE)
def test_it_is_called_on_import(text):
    assert "os.system" in names(text)


LATER = {
    "in a function": "import os\ndef f():\n    os.system('x')",
    "in a method": "import os\nclass A:\n    def f(self):\n        os.system('x')",
    "in a lambda": "import os\nf = lambda: os.system('x')",
    "in a script": "import os\nif __name__ == '__main__':\n    os.system('x')",
    "in a script, turned round": "import os\nif '__main__' == __name__:\n    os.system('x')",
    "in a coroutine": "import os\nasync def f():\n    os.system('x')",
    "in a method named like a function that is called": "import os\nclass A:\n    def f(self):\n        os.system('x')\ndef f(): pass\nf()",
}


@pytest.mark.parametrize("text", LATER.values(), ids=LATER)
def test_it_is_called_later_if_at_all(text):
    assert "os.system" not in names(text)
    assert "os.system" in names(text, on_import=False)


NEVER = {
    "a method of that name": "class A:\n    def system(self): pass\nA().system()",
    "a module's own function": "def eval(x):\n    return x\neval('x')",
    "a text": "'os.system(1)'\n# os.system(1)\n",
    "a name that is looked up": "import subprocess\nx = subprocess.PIPE",
    "a model that is evaluated": "model.eval()\nre.compile('x')",
}


@pytest.mark.parametrize("text", NEVER.values(), ids=NEVER)
def test_it_is_no_call(text):
    assert not {"os.system", "eval", "exec", "compile"} & {*names(text), *names(text, on_import=False)}


def test_a_builtin_before_a_function_of_its_name_is_the_builtin():
    assert names("eval('x')\ndef eval(x): pass") == ["eval"]


def test_a_method_does_not_hide_a_builtin():
    assert "exec" in names("class A:\n    def exec(self): pass\nexec('x')")


def test_imports_are_told_with_what_is_taken_from_them():
    text = "import a.b\nfrom .c import d\nfrom . import e\nfrom ..f.g import h as i\nimport j as k"
    assert read_code("m.py", text).imports == ("a.b", ".c", ".c.d", ".", ".e", "..f.g", "..f.g.h", "j")


def test_a_call_tells_where_it_stands():
    (call,) = read_code("m.py", "import os\n\n  \nx = os.system('x')\n").calls
    assert (call.span.line, call.span.column, call.span.end_column) == (4, 5, 14)


def test_nothing_is_run(tmp_path):
    read_code("m.py", f"open({str(tmp_path / 'written')!r}, 'w').write('x')\nimport {'nowhere_at_all'}")
    assert list(tmp_path.iterdir()) == []
    assert "nowhere_at_all" not in sys.modules


BROKEN = {
    "no Python": "this is no python",
    "a zero": "a\0b",
    "Python 2": "print 'x'",
    "open brackets": "(" * 5_000,
    "brackets": "(" * 300 + ")" * 300,
    "signs": "-" * 50_000,
    "a long number": "x = " + "9" * 10_000,
    "deep indentation": "".join(" " * depth + "if x:\n" for depth in range(200)),
    "a surrogate": "x = '\ud800'",
    "too long": "#" * (MAX_CODE + 1),
    "too many words": "a\n" * (MAX_WORDS + 1),
    "a chain of calls": "a" + ".b()" * 9_000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_refused_or_read_and_ends(text):
    with suppress(Unreadable):
        read_code("m.py", text)


@pytest.mark.parametrize("name", ["no Python", "a zero", "too long", "too many words", "Python 2"])
def test_what_is_no_python_is_refused_with_its_place(name):
    with pytest.raises(Unreadable) as refused:
        read_code("m.py", BROKEN[name])
    assert refused.value.span.file == "m.py"


def test_warnings_of_the_compiler_are_not_ours():
    read_code("m.py", "x = '\\d'\nx is 1\nassert (x, 'y')\n1 if 1else 2")  # pytest turns warnings into errors


PIECES = [
    "import os\n",
    "def f():\n",
    "    ",
    "os.system('x')",
    "\n",
    "class A:\n",
    "(",
    ")",
    "lambda: ",
    "@",
    "f",
    "=",
    "if x:\n",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_no_code_raises_anything_else(text):
    with suppress(Unreadable):
        read_code("m.py", text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text):
    with suppress(Unreadable):
        read_code("m.py", text)
