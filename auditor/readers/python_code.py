"""What a Python file would do, as far as its syntax tells: what it imports and calls, and when.

Nothing is run. A call counts as made on import if it stands outside all functions, or in a function of the
file that such a call reaches. Names are followed through `import ... as`, plain assignments, and
`__import__` and `getattr` with constant names; what is computed stays unknown.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.records import dataclass

MAX_CODE = 2**20  # characters; tables of kernels in base64 are long
# The longest module of transformers 5.23 has 47,682; a tree takes up to 1.8 KB a word (measured: 80,000 lines
# `a`, 140 MB and 1.6 s).
MAX_WORDS = 60_000
_WORD = re.compile(r"\w+|[^\w\s]")
_IMPORTERS = ("__import__", "importlib.import_module", "importlib.__import__")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Call:
    """A call by the full name of what is called: `os.system`, also where it was imported under another."""

    name: str
    on_import: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Code:
    """What a file imports and calls, in order.

    Attributes:
        imports: modules, and what is imported from them; relative ones with their dots: `.configuration_x`.
        calls: those whose full name is known, and what is given to them to be called.
    """

    imports: tuple[str, ...]
    calls: tuple[Call, ...]


def read_code(file: str, text: str) -> Code:
    """What the Python in a text imports and calls.

    Raises:
        Unreadable: it is no Python that this version reads, or too long to be looked at.
    """
    if len(text) > MAX_CODE:
        raise Unreadable(f"the code has more than {MAX_CODE:,} characters", Span(file))
    if sum(1 for _ in _WORD.finditer(text)) > MAX_WORDS:
        raise Unreadable(f"the code has more than {MAX_WORDS:,} words and signs", Span(file))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the compiler on the text, not on us
            module = ast.parse(text)
        return _Walk(file, module).code()
    except SyntaxError as error:
        line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
        raise Unreadable(f"no Python: {error.msg}", Span(file, line, column, line, column + 1)) from error
    except (ValueError, RecursionError, MemoryError) as error:  # zero bytes, long numbers, deep expressions
        raise Unreadable("no Python that can be read", Span(file)) from error


class _Walk:
    """One pass over a module: what names mean, which calls stand where, and what is reached on import."""

    def __init__(self, file: str, module: ast.Module) -> None:
        self.file = file
        self.module = module
        self.names: dict[str, str] = {}
        self.imports: dict[str, None] = {}
        self.functions: dict[
            str, list[ast.stmt]
        ] = {}  # what runs when they are called; of a class, its __init__
        self.defined = {
            node.name: node.lineno for node in module.body if isinstance(node, Function | ast.ClassDef)
        }
        self.calls: dict[tuple[int, int, str], Call] = {}

    def code(self) -> Code:
        """What the module imports and calls."""
        methods: set[ast.AST] = set()
        for node in ast.walk(self.module):
            self._learn(node)
            if isinstance(node, ast.ClassDef):
                methods.update(each for each in node.body if isinstance(each, Function))
                inits = (each for each in node.body if isinstance(each, Function) and each.name == "__init__")
                self.functions.setdefault(node.name, []).extend(line for init in inits for line in init.body)
            elif isinstance(node, Function) and node not in methods:
                self.functions.setdefault(node.name, []).extend(node.body)
        self._follow(self.module.body)
        for node in ast.walk(self.module):
            self._note_all(node, on_import=False)
        return Code(tuple(self.imports), tuple(self.calls[key] for key in sorted(self.calls)))

    def _learn(self, node: ast.AST) -> None:
        """The names that an import, or an assignment of a name, gives to something."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports[alias.name] = None
                first = alias.name.split(".")[0]
                self.names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                self.imports[module] = None
                full = f"{module}{alias.name}" if module.endswith(".") else f"{module}.{alias.name}"
                self.imports[full] = None
                self.names[alias.asname or alias.name] = full
        elif (
            isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        ):
            name = self._name(node.value)
            if name and name != node.targets[0].id:
                self.names.setdefault(node.targets[0].id, name)

    def _follow(self, body: Iterable[ast.AST]) -> None:
        """Every call is noted that is made when these lines run, in the functions of the file too."""
        pending, reached = list(body), set()
        while pending:
            node = pending.pop()
            for name in self._note_all(node, on_import=True):
                if name in self.functions and name not in reached:
                    reached.add(name)
                    pending.extend(self.functions[name])
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Lambda):
                pending.append(node.func.body)
            pending.extend(_run_at_once(node))

    def _note_all(self, node: ast.AST, *, on_import: bool) -> list[str]:
        """What a node calls, as decorator too, and what it hands to what it calls; all of it is noted."""
        if isinstance(node, ast.Call):
            called = [node.func, *node.args, *(word.value for word in node.keywords)]
        elif isinstance(node, Function | ast.ClassDef):
            called = list(node.decorator_list)
        else:
            return []
        found = []
        for each in called:
            name = self._name(each)
            if name:
                found.append(name)
                self._note(each, name, on_import=on_import)
        return found

    def _note(self, node: ast.expr, name: str, *, on_import: bool) -> None:
        line, column = node.lineno, node.col_offset + 1
        if self.defined.get(name, line) < line:  # the file's own, which hides what Python calls so
            return
        end = node.end_col_offset if node.end_lineno == line else None
        span = Span(self.file, line, column, line, (end if end is not None else column) + 1)
        self.calls.setdefault((line, column, name), Call(name, on_import, span))

    def _name(self, node: ast.expr) -> str:
        """What an expression names in full, empty where that is not known."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            parts.append(self.names.get(node.id, node.id))
        elif isinstance(node, ast.Call):
            parts.append(self._given(node))
        return ".".join(reversed(parts)).removeprefix("builtins.") if parts and parts[-1] else ""

    def _given(self, node: ast.Call) -> str:
        """What `__import__("x")` and `getattr(x, "y")` give, by name; empty for any other call."""
        if not isinstance(node.func, ast.Name | ast.Attribute):
            return ""
        by, arguments = self._name(node.func), node.args
        texts = [
            each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        if by in _IMPORTERS and texts:
            return texts[0]
        if by == "getattr" and len(arguments) > 1 and texts:
            owner = self._name(arguments[0])
            return f"{owner}.{texts[0]}" if owner else ""
        return ""


def _run_at_once(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that run when it is met: of a function decorators and defaults, not its body."""
    if isinstance(node, Function | ast.Lambda):
        yield from node.args.defaults
        yield from (default for default in node.args.kw_defaults if default is not None)
        yield from () if isinstance(node, ast.Lambda) else node.decorator_list
    elif isinstance(node, ast.If) and _is_main(node.test):
        yield from node.orelse
    else:
        yield from ast.iter_child_nodes(node)


def _is_main(test: ast.expr) -> bool:
    """Whether a condition is `__name__ == "__main__"`."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = (test.left, test.comparators[0])
    named = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return named and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)
