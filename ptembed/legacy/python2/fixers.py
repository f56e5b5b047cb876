"""The rewriting of Python 2's grammar: fissix's fixers of what Python 3 cannot parse, and four of our own."""

import io
import logging
import re

from fissix import fixer_base, pygram, pytree, refactor
from fissix.fixer_util import ArgList, Comma, Leaf, Name, parenthesize
from fissix.fixes import fix_except, fix_exec, fix_ne, fix_print, fix_repr, fix_tuple_params
from fissix.pgen2 import driver, token, tokenize
from fissix.pgen2.parse import ParseError

__all__ = ["Tool"]


class FixRaise(fixer_base.BaseFix):
    """``raise E, V, T`` becomes ``raise __py2_raise__(E, V, T)``, which does what Python 2 did with them."""

    BM_compatible = True
    PATTERN = "raise_stmt< 'raise' any ',' any [',' any] >"

    def transform(self, node, results):
        arguments = [child.clone() for child in node.children[1:]]
        arguments[0].prefix = ""
        call = pytree.Node(self.syms.power, [Name("__py2_raise__", prefix=" "), ArgList(arguments)])
        return pytree.Node(self.syms.raise_stmt, [Name("raise"), call], prefix=node.prefix)


class FixTupleParams(fix_tuple_params.FixTupleParams):
    """fissix's for functions; its rule for ``lambda`` takes one parameter alone."""

    PATTERN = "funcdef< 'def' any parameters< '(' args=any ')' > ['->' any] ':' suite=any+ >"


class FixTupleLambda(fixer_base.BaseFix):
    """``lambda (x, y), z: x + z`` becomes ``lambda t, z: (lambda x, y: x + z)(*t)``."""

    BM_compatible = True
    PATTERN = "lambdef< 'lambda' args=any ':' body=any >"

    def transform(self, node, results):
        self._unpack(node)

    def _unpack(self, node: pytree.Node) -> None:
        args, tuples = node.children[1], []
        parts = args.children if args.type == self.syms.varargslist else [args]
        for part in [p for p in parts if p.type == self.syms.vfpdef]:
            while part.children[1].type == self.syms.vfpdef:
                part.children[1].replace([c.clone() for c in part.children[1].children[1:-1]])
            if part.children[1].type == token.NAME:  # nothing but parentheses
                part.replace(Name(part.children[1].value, prefix=part.prefix))
            else:
                tuples.append((part, self.new_name("py2_tuple_")))
        if tuples:
            inner = self._inner([part for part, _ in tuples], node.children[3])
            for part, name in tuples:
                part.replace(Name(name, prefix=part.prefix))
            stars = Name(", ".join("*" + name for _, name in tuples))
            call = [parenthesize(inner), ArgList([stars])]
            node.children[3].replace(pytree.Node(self.syms.power, call, prefix=" "))

    def _inner(self, tuples: list, body) -> pytree.Node:
        """The ``lambda`` of what is inside of the tuples."""
        parts: list = []
        for part in tuples:
            content = part.children[1].clone()
            content.prefix = " "
            parts += content.children if content.type == self.syms.vfplist else [content]
            parts += [] if parts[-1].type == token.COMMA else [Comma()]
        parameters = pytree.Node(self.syms.varargslist, [part.clone() for part in parts[:-1]])
        inner = pytree.Node(self.syms.lambdef, [Name("lambda"), parameters, Leaf(token.COLON, ":"), body.clone()])
        self._unpack(inner)
        return inner


class FixComprehension(fixer_base.BaseFix):
    """``[x for x in 1, 2]`` becomes ``[x for x in (1, 2)]``."""

    BM_compatible = True
    PATTERN = "comp_for< 'for' any 'in' values=testlist_safe any* >"

    def transform(self, node, results):
        values = results["values"]
        inside = values.clone()
        inside.prefix = ""
        values.replace(parenthesize(inside))
        node.children[3].prefix = " "


class FixNumbers(fixer_base.BaseFix):
    """``10L`` becomes ``10``, ``0755`` becomes ``0o755``."""

    _accept_type = token.NUMBER

    def match(self, node):
        return node.value[-1] in "Ll" or re.fullmatch("0[0-7]+", node.value)

    def transform(self, node, results):
        leaf = node.clone()
        leaf.value = re.sub("^0(?=[0-7]+$)", "0o", node.value.rstrip("Ll"))
        if str(node.next_sibling or "").startswith("."):  # 7L.real
            leaf.value += " "
        return leaf


class FixStrings(fixer_base.BaseFix):
    r"""``ur"..."`` loses its ``u``; ``\u``, ``\U`` and ``\N`` are no escapes in strings that have no ``u``."""

    BM_compatible = True
    PATTERN = "STRING"

    def start_tree(self, tree, filename):
        super().start_tree(tree, filename)
        self.all_unicode = "unicode_literals" in tree.future_features

    def transform(self, node, results):
        kind = re.match("[A-Za-z]*", node.value)[0].lower()
        if kind == "ur":
            return self._leaf(node, node.value[1:])
        if kind == "" and not self.all_unicode and re.search(r"\\[uUN]", node.value):
            return self._leaf(node, re.sub(r"\\(.)", _without_escape, node.value, flags=re.DOTALL))
        return None

    def _leaf(self, node, value):
        leaf = node.clone()
        leaf.value = value
        return leaf


def _without_escape(match: re.Match) -> str:
    return "\\" + match[0] if match[1] in "uUN" else match[0]


class FixKeywords(fixer_base.BaseFix):
    """``self.async`` becomes ``self.async_``: a name in Python 2, a keyword now."""

    BM_compatible = True
    PATTERN = "'async' | 'await'"

    def transform(self, node, results):
        if node.type != token.NAME:
            return None
        leaf = node.clone()
        leaf.value += "_"
        return leaf


FIXERS = (
    *(fix_except.FixExcept, fix_exec.FixExec, fix_ne.FixNe, FixComprehension, fix_print.FixPrint),
    *(fix_repr.FixRepr, FixTupleParams, FixTupleLambda, FixRaise, FixNumbers, FixStrings, FixKeywords),
)


_NO_PRINT = pygram.python_grammar_no_print_statement


class Tool(refactor.RefactoringTool):
    """Parses and rewrites, with :data:`FIXERS`."""

    def __init__(self):
        super().__init__([])

    def get_fixers(self):
        fixers = sorted((make(self.options, self.fixer_log) for make in FIXERS), key=lambda fixer: fixer.run_order)
        return [f for f in fixers if f.order == "pre"], [f for f in fixers if f.order == "post"]

    def parse(self, text: str) -> pytree.Node:
        """The concrete tree; ``print`` is a statement, unless the text says otherwise or that gets further."""
        features = refactor._detect_future_features(text)
        try:
            tree = self._parse(text, _NO_PRINT if "print_function" in features else pygram.python_grammar)
        except ParseError as error:
            try:
                tree = self._parse(text, pygram.python_grammar_no_print_and_exec_statement)
            except ParseError as second:
                raise max(error, second, key=lambda e: e.context[1]) from None
        tree.future_features = features
        return tree

    def _parse(self, text: str, grammar) -> pytree.Node:
        parser = driver.Driver(grammar, convert=pytree.convert, logger=logging.getLogger(__name__))
        return parser.parse_tokens(tokenize.generate_tokens(io.StringIO(text).readline))
