"""Which Python a source is written for: the rule.

A source is Python 2 if

1. it has the comment ``# ptembed: python2``, or a first line that names ``python2``; or
2. Python 3 cannot parse it; or
3. it uses what Python 2 alone has: a built-in name (``xrange``, ``unicode``, ``reduce``, ...) that it does not define,
   a module (``cPickle``, ``urllib2``, ...), a method (``d.has_key(k)``, ``d.iteritems()``, ``l.sort(cmp=f)``), a name
   like ``string.letters``, ``__nonzero__``, or a module beside it without a dot (``import utils`` in a package). What
   stands below ``try`` with an ``except`` for it, or below an ``if`` about the version, does not count.

It is Python 3 if it has the comment ``# ptembed: python3``, or syntax or modules that Python 2 has not. All others run
under both, with another ``/``, and are what the program is: Python 2 if the module that imports them is, or if one of
the modules that they import (and those import) is, as long as these are below the same folders. A program one of whose
modules is Python 2 has run under Python 2 alone.
"""

import ast
import re
from dataclasses import dataclass
from enum import Enum

from ptembed.legacy.python2.source import parse_python3

__all__ = ["Evidence", "Kind", "Search", "evidence"]


class Kind(Enum):
    """Which Python a source is written for."""

    PYTHON2 = "2"
    PYTHON3 = "3"
    EITHER = "2 or 3"


@dataclass(frozen=True)
class Evidence:
    """The kind of a source, and what it imports: ``("package.module", level)``."""

    kind: Kind
    why: str
    line: int
    imports: tuple[tuple[str, int], ...] = ()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BUILTINS = _words(
    "apply basestring buffer cmp coerce execfile file intern long raw_input reduce reload unichr unicode xrange"
)
MODULES = _words(
    "BaseHTTPServer ConfigParser Cookie HTMLParser Queue SocketServer StringIO Tkinter UserDict __builtin__ anydbm "
    "cPickle cStringIO commands cookielib copy_reg exceptions httplib md5 sets sha thread urllib2 urlparse"
)
METHODS = _words("has_key iteritems iterkeys itervalues viewitems viewkeys viewvalues")
ATTRIBUTES = {
    "itertools": _words("ifilter ifilterfalse imap izip izip_longest"),
    "string": _words("letters lowercase uppercase maketrans join split replace atoi atof lower upper strip"),
    "sys": _words("maxint setdefaultencoding exc_clear exc_type exc_value"),
    "os": _words("getcwdu popen2 popen3 errno"),
    "urllib": _words("urlencode urlopen urlretrieve quote quote_plus unquote unquote_plus"),
    "types": _words("ListType TupleType StringType IntType FloatType DictType StringTypes ClassType"),
    "operator": _words("isCallable sequenceIncludes div isSequenceType"),
}
MODULES3 = _words("builtins configparser queue html http socketserver tkinter copyreg reprlib urllib.request")
_SYNTAX3: tuple[type, ...] = (
    *(ast.JoinedStr, ast.AnnAssign, ast.AsyncFunctionDef, ast.Await, ast.NamedExpr, ast.Nonlocal, ast.YieldFrom),
    ast.Match,
)
_ABOUT_VERSION = re.compile(r"PY[23]|version_info|hexversion|python_version|sys\.version")


def evidence(text: str, path: str, beside: frozenset[str] = frozenset()) -> Evidence:
    """What speaks for the one or the other.

    Parameters
    ----------
    text : str
        The source.
    path : str
        Its file, for errors.
    beside : frozenset of str, optional
        The names of the modules in the same package.

    Returns
    -------
    Evidence
    """
    start = "\n".join(text.split("\n", 20)[:20])
    if mark := re.search(r"^#\s*ptembed:\s*python([23])\b", start, re.MULTILINE):
        kind = Kind.PYTHON2 if mark[1] == "2" else Kind.PYTHON3
        return Evidence(kind, mark[0], start[: mark.start()].count("\n") + 1)
    if re.match(r"#!.*\bpython2", text):
        return Evidence(Kind.PYTHON2, "the first line names python2", 1)
    try:
        tree = parse_python3(text, path)
    except SyntaxError as error:
        return Evidence(Kind.PYTHON2, f"no Python 3: {error.msg}", error.lineno or 1)
    search = Search(tree, beside)
    if search.found3:
        return Evidence(Kind.PYTHON3, *search.found3[0])
    found = search.found2
    return Evidence(Kind.PYTHON2 if found else Kind.EITHER, *(found[0] if found else ("", 0)), tuple(search.imports))


class Search(ast.NodeVisitor):
    """What speaks for Python 2 (``found2``) and for Python 3 (``found3``), with its lines, and what is imported."""

    def __init__(self, tree: ast.AST, beside: frozenset[str] = frozenset()):
        self.beside = beside
        self.found2: list[tuple[str, int]] = []
        self.found3: list[tuple[str, int]] = []
        self.imports: list[tuple[str, int]] = []
        self.read: list[tuple[str, int]] = []
        self.set: set[str] = set()
        self.absolute = False
        self.guarded = 0
        self.visit(tree)
        self.found2 += [(name, line) for name, line in self.read if name not in self.set]

    def generic_visit(self, node):
        if isinstance(node, _SYNTAX3):
            self._is3(type(node).__name__, node)
        super().generic_visit(node)

    def visit_Expr(self, node):
        """``print`` alone and ``print >>file, x`` are Python 3 that does nothing."""
        first = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
        first = first.left if isinstance(first, ast.BinOp) and isinstance(first.op, ast.RShift) else first
        if isinstance(first, ast.Name) and first.id == "print":
            self._is2("print statement", node)
        self.generic_visit(node)

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load):
            self.set.add(node.id)
        elif node.id in BUILTINS and not self.guarded:
            self.read.append((node.id, node.lineno))

    def visit_arg(self, node):
        self.set.add(node.arg)
        if node.annotation is not None:
            self._is3("an annotation", node)

    def visit_FunctionDef(self, node):
        self.set.add(node.name)
        if node.returns is not None or node.args.kwonlyargs:
            self._is3("a keyword-only parameter or an annotation", node)
        self.generic_visit(node)

    def visit_ClassDef(self, node):
        self.set.add(node.name)
        if node.keywords:
            self._is3("class keywords", node)
        methods = {s.name for s in node.body if isinstance(s, ast.FunctionDef)}
        for old, new in (("__nonzero__", "__bool__"), ("__cmp__", "__lt__"), ("next", "__next__")):
            if old in methods and new not in methods and (old != "next" or "__iter__" in methods):
                self._is2(f"def {old}", node)
        self.generic_visit(node)

    def visit_BinOp(self, node):
        if isinstance(node.op, ast.MatMult):
            self._is3("@", node)
        self.generic_visit(node)

    def visit_Raise(self, node):
        if node.cause is not None:
            self._is3("raise ... from", node)
        self.generic_visit(node)

    def visit_Call(self, node):
        function = node.func
        if isinstance(function, ast.Name):
            if function.id == "super" and not node.args:
                self._is3("super()", node)
            if function.id == "print" and any(k.arg in ("file", "end", "sep", "flush") for k in node.keywords):
                self.set.add("print")  # the program has the function: Python 3's, or of __future__
        elif isinstance(function, ast.Attribute):
            if function.attr in METHODS and len(node.args) == (function.attr == "has_key"):
                self._is2(f".{function.attr}()", node)
            if function.attr == "sort" and any(k.arg == "cmp" for k in node.keywords):
                self._is2(".sort(cmp=)", node)
        self.generic_visit(node)

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name) and node.attr in ATTRIBUTES.get(node.value.id, ()):
            self._is2(f"{node.value.id}.{node.attr}", node)
        self.generic_visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            self.set.add((alias.asname or alias.name).partition(".")[0])
            self._imported(alias.name, 0, node)

    def visit_ImportFrom(self, node):
        module = node.module or ""
        self.set |= {alias.asname or alias.name for alias in node.names}
        if module == "__future__":
            self.absolute = self.absolute or any(alias.name == "absolute_import" for alias in node.names)
            return
        self._imported(module, node.level, node)
        self.imports += [(f"{module}.{alias.name}".lstrip("."), node.level) for alias in node.names]
        for alias in node.names:
            if not node.level and alias.name in ATTRIBUTES.get(module, ()):
                self._is2(f"{module}.{alias.name}", node)

    def _imported(self, name: str, level: int, node: ast.stmt) -> None:
        self.imports.append((name, level))
        head = name.partition(".")[0]
        if level:
            return
        if head in MODULES:
            self._is2(f"import {name}", node)
        elif name in MODULES3:
            self._is3(f"import {name}", node)
        elif head in self.beside and not self.absolute:
            self._is2(f"import {name}, a module beside it", node)

    def visit_Try(self, node):
        caught = " ".join(ast.unparse(handler.type) if handler.type else "Exception" for handler in node.handlers)
        guards = bool(re.search("ImportError|NameError|AttributeError|Exception|ModuleNotFound", caught))
        self.guarded += guards
        self.generic_visit(node)
        self.guarded -= guards

    def visit_If(self, node):
        guards = bool(_ABOUT_VERSION.search(ast.unparse(node.test)))
        self.guarded += guards
        self.generic_visit(node)
        self.guarded -= guards

    visit_IfExp = visit_If

    def _is2(self, why: str, node) -> None:
        if not self.guarded:
            self.found2.append((why, node.lineno))

    def _is3(self, why: str, node) -> None:
        if not self.guarded:
            self.found3.append((why, node.lineno))
