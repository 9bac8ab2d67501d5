"""Setting: dimensions, letters, laws and statements of one text, declared one after the other in Python.

    S = Setting("my note, Lemma 3")
    p, q = S.dims("p q")
    i, j = p.index("i"), q.index("j")
    u = S.letters(u=p)
    S.inequality("Cauchy", total(u[i], i) ** 2, p.size * total(u[i] ** 2, i))

`verify.check(S)` judges every statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import sympy as sp

from numeric.errors import InputError
from symbolic import kinds as of
from symbolic.bound import nonnegative
from symbolic.bridge import LanguageError
from symbolic.calculus import Law, Operator
from symbolic.dimension import Dimension
from symbolic.find.identity import closed, unfolded
from symbolic.indexed import Expr, Index, KernelError, Tensor, scalar
from symbolic.language import Language, Scalar
from symbolic.language import Letter as Named
from symbolic.proof import Axiom, divisors
from verify.own.build import Built
from verify.own.terms import Dim, IndexSymbol, Letter, different, expression, free_indices, shown
from verify.vocabulary import VERDICTS, Verdict

Slots = Dim | tuple[Dim, ...]
NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
DOMAINS: tuple[str, ...] = get_args(of.Domain)
RESERVED = re.compile(r"delta|any_.*")  # Kronecker's symbol, and the vectors of quadratic forms in proofs
LONGEST = 200  # characters in a name of a setting or a statement
DEGREE = 32  # entries in one product, each of which may have an index of its own
LANGUAGE = "write sums, products, whole powers, and quotients by sizes and positive scalars; S.norm and others make other functions"
NONNEGATIVE = ("nonnegative", "positive", "simplex")
SYMMETRIC = ("symmetric", "positive semidefinite", "positive definite")


def flags(domain: str) -> dict[str, Any]:
    """What the kernel knows of a free letter of this domain."""
    known: dict[str, Any] = {"symmetric": True} if domain in SYMMETRIC else {}
    known |= {"nonneg": True} if domain in NONNEGATIVE else {}
    return known | ({"unit_sum": 0} if domain == "simplex" else {})


class Stated:
    """One statement as it was written, before it is read."""

    def __init__(
        self,
        name: str,
        relation: Literal["=", "<="],
        lhs: sp.Expr,
        rhs: sp.Expr,
        when: tuple[tuple[sp.Expr, sp.Expr, bool], ...],
        proof: sp.Expr | None,
        expected: Verdict | None,
        reason: str,
        source: str,
    ) -> None:
        self.name, self.relation, self.lhs, self.rhs, self.when = name, relation, lhs, rhs, when
        self.proof, self.expected, self.reason, self.source = proof, expected, reason, source

    @property
    def indices(self) -> dict[str, Dimension]:
        """The free indices, which stand for every value."""
        sides = (self.lhs, self.rhs, *(side for low, high, _ in self.when for side in (low, high)))
        found = set[IndexSymbol]().union(*map(free_indices, sides))
        return {index.name: index.dim for index in sorted(found, key=lambda index: index.name)}


class Setting:
    """What statements are stated in. Every method that declares something raises InputError for a name that is taken."""

    def __init__(self, name: str) -> None:
        self.name = _title("Setting", name, 'as in Setting("my note, Lemma 3")')
        self.origin = self  # a copy in which a letter has another domain has the indices of its origin
        self._dimensions: dict[str, Dimension] = {}
        self._letters: dict[str, Named] = {}
        self._scalars: dict[str, Scalar] = {}
        self._indices: dict[str, IndexSymbol] = {}
        self._operators: dict[str, Operator] = {}
        self._operator_latex: dict[str, str] = {}
        self._laws: list[tuple[Tensor, Law]] = []
        self.kinds: dict[str, of.Kind] = {}
        self.statements: dict[str, Stated] = {}
        self._built: Built | None = None

    # Declarations

    def _named(self, argument: str, name: str) -> str:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            needed = "a name of letters from a to z, digits and _, a letter first"
            raise InputError(argument, shown(name), needed, 'choose another name, as in "X_1" or "alpha"')
        taken = (self._dimensions, self._letters, self._scalars, self._indices, self._operators)
        parts = {part.name for dim in self._dimensions.values() for part in dim.parts}
        if name in parts or any(name in table for table in taken):
            raise InputError(
                argument, name, "a name that nothing else in the setting has", "choose another name"
            )
        if RESERVED.fullmatch(name):
            needed = "another name than delta, which is Kronecker's symbol, or any_…, which proofs use"
            raise InputError(argument, name, needed, "choose another name")
        self._built = None
        return name

    def dims(self, names: str) -> Any:
        """Dimensions by their names, "p q": a tuple of them, or the one."""
        found = tuple(self._dim(name) for name in _words("dims", names))
        return found if len(found) > 1 else found[0]

    def dim(self, name: str, parts: str = "") -> Dim:
        """A dimension that is split into parts, "prompt rest": an index over a part is one over the whole. The last part may be empty."""
        for part in (words := _words("dim", parts) if parts else ()):
            self._named("dim", part)
        if len(words) == 1:
            raise InputError("dim", parts, "two parts or more", "name what is left as well")
        if len({name, *words}) <= len(words):
            raise InputError("dim", f"{name}: {parts}", "names that differ", "rename one of them")
        return self._dim(name, words)

    def _dim(self, name: str, parts: tuple[str, ...] = ()) -> Dim:
        made = Dimension(self._named("dims", name), parts)
        self._dimensions |= {part.name: part for part in made.parts} | {name: made}
        return Dim(self, made)

    def new_index(self, name: str, dim: Dimension) -> IndexSymbol:
        """An index over a dimension; the same name over the same dimension is the same index."""
        known = self._indices.get(name) if isinstance(name, str) else None
        if known is not None and known.dim is not dim:
            raise InputError(
                "index", name, f"a name that is no index over {known.dim} already", "choose another name"
            )
        if known is None:
            known = IndexSymbol(self._named("index", name), dim, self)
            self._indices[name] = known
        return known

    def letters(self, kind: str = "any", **slots: Slots) -> Any:
        """Letters by name, each with the dimensions of its slots: `X, u = S.letters(X=(p, q), u=p)`; a tuple, or the one letter.

        A letter without slots, `c = S.letters(c=())`, is a number of either sign, and a SymPy symbol.

        kind  any; nonnegative; positive; simplex (nonnegative, the entries over the first slot sum to one); unit columns (two slots:
              columns of norm 1, all different); symmetric, positive semidefinite or positive definite (two slots of one dimension)
        """
        if kind not in DOMAINS:
            raise InputError(
                "kind", shown(kind), f"one of {', '.join(DOMAINS)}", "leave it out for any entries"
            )
        found = tuple(
            self._letter(name, its, kind) if its != () else self._number(name, kind)
            for name, its in slots.items()
        )
        if not found:
            raise InputError("letters", "nothing", "a letter and its dimensions", "as in S.letters(u=p)")
        return found if len(found) > 1 else found[0]

    def _number(self, name: str, kind: str) -> sp.Symbol:
        """A letter without slots."""
        if kind == "simplex":
            raise InputError(name, kind, "a slot", f"as in S.letters(kind={kind!r}, {name}=p)")
        self._letter(name, (), kind)
        return self._letters[name].entry()

    def _letter(
        self, name: str, slots: Slots, kind: str = "any", *, said: of.Kind | None = None, **more: Any
    ) -> Letter:
        dims = tuple(self._owned(name, slot) for slot in (slots if isinstance(slots, tuple) else (slots,)))
        if kind in SYMMETRIC and (len(dims) != 2 or dims[0] is not dims[1]):
            raise InputError(
                name, kind, "two slots of one dimension", f"as in S.letters(kind={kind!r}, {name}=(p, p))"
            )
        if kind == "unit columns" and len(dims) != 2:
            raise InputError(
                name,
                kind,
                "two slots, of rows and of columns",
                f"as in S.letters(kind={kind!r}, {name}=(p, q))",
            )
        if kind == "simplex":
            self._never_empty(name, dims[0])
        tensor = Tensor(self._named("letters", name), dims, **flags(kind), **more)
        made = Letter(self, name, dims)
        places = "".join(f"{{{place}}}" for place in range(len(dims)))
        shown = _latex(name).replace("{", "{{").replace("}", "}}")
        latex = (
            f"{{{{{shown}}}}}_{{{{{places}}}}}"
            if "_" in shown and dims
            else f"{shown}_{{{{{places}}}}}"
            if dims
            else shown
        )
        self._letters[name] = Named(tensor, made._base, latex, f"a letter of {self.name}")
        self.kinds[name] = said if said is not None else of.Free(kind)  # type: ignore[arg-type]
        return made

    @staticmethod
    def _never_empty(name: str, dim: Dimension) -> None:
        if dim.may_be_empty:
            needed = "a dimension that is never empty, since what sums to one has an entry"
            raise InputError(name, dim.name, needed, "take another part, or the whole dimension")

    def _owned(self, argument: str, dim: object) -> Dimension:
        if not isinstance(dim, Dim):
            raise InputError(argument, shown(dim), "a dimension of the setting", 'make one by S.dims("p")')
        if dim._owner is not self:
            raise InputError(argument, repr(dim), f"a dimension of {self.name}", "use one setting")
        return dim.dim

    def scalars(self, names: str, positive: bool = True) -> Any:
        """Scalars by their names: positive, or nonnegative where `positive` is false; a tuple of SymPy symbols, or the one."""
        found = []
        _truth("positive", positive)
        for name in _words("scalars", names):
            symbol = sp.Symbol(
                self._named("scalars", name), **{"positive" if positive else "nonnegative": True}
            )
            self._scalars[name] = Scalar(symbol, _latex(name), f"a scalar of {self.name}", positive)
            self.kinds[name] = of.Free()
            found.append(symbol)
        return tuple(found) if len(found) > 1 else found[0]

    # Letters that are made of others

    def define(self, name: str, value: Any, *indices: IndexSymbol) -> Letter | sp.Symbol:
        """A letter that stands for an expression at these indices; without indices a number, which may be negative unless every term of
        the expression is nonnegative."""
        read, at = self._part(name, value, indices)
        return self._made(name, at, of.Is(at, read), signed=not nonnegative(read))

    def absolute(self, name: str, value: Any, *indices: IndexSymbol) -> Letter | sp.Symbol:
        """The absolute value of an expression."""
        read, at = self._part(name, value, indices)
        return self._made(name, at, of.AbsoluteValue(at, read), nonneg=True)

    def norm(self, name: str, value: Any, *over: IndexSymbol, kind: str = "2") -> Letter | sp.Symbol:
        """A norm of an expression over some of its indices; for each value of the others where it has more.

        kind  2 or Frobenius: the root of the sum of squares; 1: the sum of absolute values; inf: the largest absolute value; spectral:
              the largest singular value of a matrix with the two indices
        """
        if not over:
            raise InputError(
                name, "no index", "the indices that the norm is over", "as in S.norm(name, u[i], i)"
            )
        self._named("norm", name)
        (read,), at, summed = self._over(name, (value,), over)
        every = (*at, *summed)
        match kind:
            case "2" | "Frobenius":
                return self._made(name, at, of.Root(at, (read**2).sum(*summed)), nonneg=True)
            case "1":
                inner = self._made(f"abs_{name}", every, of.AbsoluteValue(every, read), nonneg=True)
                entry = (
                    self._letters[f"abs_{name}"].tensor[every]
                    if isinstance(inner, Letter)
                    else scalar(f"abs_{name}")
                )
                return self._made(name, at, of.Is(at, entry.sum(*summed)), nonneg=True)
            case "inf":
                return self._made(name, at, of.LargestRoot(at, summed, (read**2,)), nonneg=True)
            case "spectral" if len(summed) == 2 and not at:
                return self._made(name, (), of.SpectralNorm(summed[0], summed[1], read), nonneg=True)
        needed = '"2", "Frobenius", "1", "inf", or "spectral" of a matrix over both of its indices'
        raise InputError("kind", shown(kind), needed, "choose one of them")

    def largest(
        self, name: str, values: Sequence[Any] | Any, *over: IndexSymbol, least: bool = False
    ) -> Letter | sp.Symbol:
        """The largest of some expressions, over these indices; the least of them with `least`."""
        several = tuple(values) if isinstance(values, list | tuple) else (values,)
        if not several or len(several) + len(over) < 2:
            needed = "several expressions, or an index to take the largest over"
            raise InputError(
                name, f"{len(several)} without an index", needed, "as in S.largest(name, u[i], i)"
            )
        _truth("least", least)
        read, at, summed = self._over(name, several, over)
        return self._made(
            name, at, of.Extremum(at, summed, read, least), signed=not all(map(nonnegative, read))
        )

    def softmax(self, name: str, scores: Any, *indices: IndexSymbol, over: IndexSymbol) -> Letter:
        """The softmax of scores at these indices, over one of them."""
        if over not in different(name, indices):
            raise InputError(name, shown(over), "one of the indices of the letter", "name it among them")
        self._used(name, (scores,), (over,))
        self._never_empty(name, over.dim)
        self._named("softmax", name)
        read, at = self._part(name, scores, indices)
        slots = tuple(Dim(self, index.dim) for index in indices)
        self._letter(f"{name}_scores", slots, said=of.Is(at, read))
        place = indices.index(over)
        entry = self._letters[f"{name}_scores"].tensor[at]
        return self._letter(name, slots, said=of.Softmax(at, entry, at[place]), nonneg=True, unit_sum=place)

    def inverse(self, name: str, matrix: Any, row: IndexSymbol, column: IndexSymbol) -> Letter:
        """The inverse of a symmetric matrix. Where it is singular there is no point."""
        read, at = self._square(name, matrix, row, column)
        return self._letter(name, (Dim(self, row.dim),) * 2, said=of.Inverse(at, read), symmetric=True)

    def root(self, name: str, matrix: Any, row: IndexSymbol, column: IndexSymbol) -> Letter:
        """The symmetric root of a positive definite matrix."""
        read, at = self._square(name, matrix, row, column)
        return self._letter(name, (Dim(self, row.dim),) * 2, said=of.MatrixRoot(at, read), symmetric=True)

    def _square(
        self, name: str, matrix: Any, row: IndexSymbol, column: IndexSymbol
    ) -> tuple[Expr, tuple[Index, ...]]:
        different(name, (row, column))
        if row.dim is not column.dim:
            raise InputError(
                name,
                f"{row.name}, {column.name}",
                "two indices over one dimension",
                "name a row and a column",
            )
        read, at = self._part(name, matrix, (row, column))
        apart = read - read.at({at[0]: at[1], at[1]: at[0]})
        axioms = [what for what in self.built.letters() if isinstance(what, Axiom)]
        if not closed(unfolded(apart, axioms)[1]):
            needed = "a matrix that is symmetric, whatever its letters are"
            raise InputError(
                name, str(expression(name, matrix)), needed, "take half of the sum with the transpose"
            )
        return read, at

    def _part(self, name: str, value: Any, indices: Sequence[IndexSymbol]) -> tuple[Expr, tuple[Index, ...]]:
        """What a letter is made of, as the kernel reads it, and the indices."""
        found = expression(name, value)
        different(name, indices)
        if left := free_indices(found) - set(indices):
            raise InputError(
                name,
                f"index {min(i.name for i in left)}",
                "an index of the letter, or a sum over it",
                "name it or sum over it",
            )
        at = tuple(Index(index.name, index.dim) for index in indices)
        return self.read(name, found, {index.name: index.dim for index in indices}), at

    @staticmethod
    def _used(name: str, values: Sequence[Any], over: Sequence[IndexSymbol]) -> set[IndexSymbol]:
        """The free indices of some expressions. Raises InputError where one to take a norm over, say, is not among them."""
        free = set[IndexSymbol]().union(*(free_indices(expression(name, value)) for value in values))
        for index in different(name, over):
            if index not in free:
                needed = "an index that the expression has"
                raise InputError(
                    name, f"index {index.name}", needed, "leave it out, or use it in the expression"
                )
        return free

    def _over(
        self, name: str, values: Sequence[Any], over: Sequence[IndexSymbol]
    ) -> tuple[tuple[Expr, ...], tuple[Index, ...], tuple[Index, ...]]:
        """What a letter is made of, with the indices that the letter keeps and those that it is taken over."""
        free = self._used(name, values, over)
        rest = tuple(sorted(free - set(over), key=lambda index: index.name))
        read = tuple(self._part(name, value, (*rest, *over))[0] for value in values)
        at, summed = (tuple(Index(index.name, index.dim) for index in some) for some in (rest, over))
        return read, at, summed

    def _made(
        self, name: str, at: tuple[Index, ...], kind: of.Kind, *, signed: bool = False, **more: Any
    ) -> Letter | sp.Symbol:
        """A letter with these indices; without indices a nonnegative scalar, or a letter without slots where the sign is open."""
        if signed and not at:
            self._letter(name, (), said=kind)
            return self._letters[name].entry()
        if at:
            return self._letter(name, tuple(Dim(self, index.dim) for index in at), said=kind, **more)
        symbol = sp.Symbol(self._named("letters", name), nonnegative=True)
        self._scalars[name] = Scalar(symbol, _latex(name), f"a scalar of {self.name}")
        self.kinds[name] = kind
        return symbol

    # Operators

    def expectation(self, name: str = "E", **variances: Any) -> Callable[[Any], sp.Expr]:
        """E over random letters, each with its variance: zero mean, uncorrelated entries, independent of each other. A letter that they
        enter by `define` is written out."""
        if not variances:
            raise InputError(name, "no law", "the variance of each random letter", "as in S.expectation(x=1)")
        laws: dict[Tensor, Law] = {}
        for letter, variance in variances.items():
            if letter not in self._letters or not isinstance(self.kinds[letter], of.Free):
                raise InputError(name, letter, "a free letter of the setting", "declare it by S.letters")
            if (kind := self.kinds[letter].domain) != "any":  # type: ignore[union-attr]
                needed = "a letter that may have any entries, since its mean is zero"
                raise InputError(name, f"{letter}, which is {kind}", needed, "declare it without a kind")
            read = self._part(letter, variance, ())[0]
            if not nonnegative(read):
                needed = f"a variance of {letter} that is nonnegative, whatever its letters are"
                raise InputError(name, str(variance), needed, "name a scalar, or a sum of nonnegative terms")
            reached = frozenset().union(*(self.built.reach(one) for names in read.names for one in names))
            if random := sorted(reached & variances.keys()):
                needed = f"a variance of {letter} that no random letter enters"
                raise InputError(name, f"{variance}, which depends on {random[0]}", needed, "name a scalar")
            laws[self._letters[letter].tensor] = Law(read)
        self._operators[self._named("expectation", name)] = Operator(lambda inner: None, laws=laws)
        self._operator_latex[name] = r"\mathbb{E}\left[{0}\right]"
        self._laws += laws.items()
        function = sp.Function(name)
        return lambda value: function(expression(name, value))

    @staticmethod
    def gradient(value: Any, entry: sp.Expr) -> sp.Expr:
        """The derivative of an expression in an entry of a free letter."""
        if not isinstance(entry, sp.Indexed):
            raise InputError("gradient", str(entry), "an entry of a letter, such as X[i, j]", "name one")
        return sp.Derivative(expression("gradient", value), entry, evaluate=False)

    # Statements

    def identity(
        self,
        name: str,
        lhs: Any,
        rhs: Any,
        *,
        when: Any = (),
        expected: Verdict | None = "holds",
        reason: str = "",
        source: str = "",
    ) -> None:
        """lhs = rhs for every value of the free indices."""
        self._state(name, "=", lhs, rhs, when, None, expected, reason, source)

    def inequality(
        self,
        name: str,
        lhs: Any,
        rhs: Any,
        *,
        when: Any = (),
        proof: Any = None,
        expected: Verdict | None = None,
        reason: str = "",
        source: str = "",
    ) -> None:
        """lhs ≤ rhs for every value of the free indices.

        when   conditions a ≤ b or a < b (SymPy relations, or a sequence of them) under which it is stated
        proof  rhs − lhs as a nonnegative combination of squares
        """
        self._state(name, "<=", lhs, rhs, when, proof, expected, reason, source)

    def _state(
        self, name: str, relation: Literal["=", "<="], lhs: Any, rhs: Any, when: Any, proof: Any, expected: Verdict | None, reason: str,
        source: str,
    ) -> None:  # fmt: skip
        if _title("statement", name, 'as in S.inequality("Cauchy", lhs, rhs)') in self.statements:
            raise InputError("statement", name, "a name that no other statement has", "choose another name")
        if expected is not None and expected not in VERDICTS:
            raise InputError(
                "expected", shown(expected), f"one of {', '.join(VERDICTS)}", 'as in expected="fails"'
            )
        for option, text in (("reason", reason), ("source", source)):
            if not isinstance(text, str) or not " ".join(text.split()).isprintable():
                raise InputError(
                    option, shown(text), "a text that can be printed", "put it in quotation marks"
                )
        left, right = expression(name, lhs), expression(name, rhs)
        conditions = tuple(
            _condition(name, one) for one in (when if isinstance(when, list | tuple) else (when,))
        )
        stated = Stated(
            name,
            relation,
            left,
            right,
            conditions,
            None if proof is None else expression(name, proof),
            expected,
            reason,
            source,
        )
        free = [{index.name for index in free_indices(side)} for side in (left, right)]
        if relation == "=" and free[0] != free[1] and left != 0 and right != 0:
            lone = min(free[0] ^ free[1])
            raise InputError(
                name,
                f"index {lone}",
                "on both sides, or summed over",
                f"sum over {lone}, or use it on the other side too",
            )
        for side in (left, right, *(side for low, high, _ in conditions for side in (low, high))):
            self.read(name, side, stated.indices)
        self.statements[name] = stated
        self._built = None

    # Reading

    @property
    def language(self) -> Language:
        """Dimensions, letters and scalars."""
        return Language(self._dimensions, self._letters, self._scalars, operators=self._operator_latex)

    def read(self, name: str, expr: sp.Expr, dims: Mapping[str, Dimension]) -> Expr:
        """An expression as the kernel reads it. Raises InputError that names the term which cannot be read."""
        for index in expr.atoms(IndexSymbol):
            if index.owner is not self.origin:
                raise InputError(
                    name,
                    f"index {index.name} of {index.owner.name}",
                    f"an index of {self.name}",
                    "use one setting",
                )
        language = self.built.language
        for symbol in expr.atoms(sp.Symbol) - expr.atoms(IndexSymbol):
            if symbol != language.symbols.get(symbol.name, symbol):
                needed = f"the {symbol.name} of {self.name}, which is declared otherwise"
                raise InputError(name, f"symbol {symbol.name}", needed, "use what its declaration returned")
        try:
            found = replace(self.built.reader, dims=dict(dims)).read(expr)
            if zero := sorted(divisors(found) - language.positive):
                raise KernelError(f"division by {zero[0]}, which may be zero")
            if (degree := max((len(monomial.factors) for monomial in found.terms), default=0)) > DEGREE:
                raise KernelError(f"a product of {degree} entries: at most {DEGREE} can be evaluated")
            return found
        except (KernelError, ValueError) as error:
            remedy = (
                LANGUAGE if isinstance(error, LanguageError) else "leave it out, or declare what it needs"
            )
            raise InputError(
                name, str(expr), f"an expression in letters of the setting ({error})", remedy
            ) from error

    @property
    def built(self) -> Built:
        """The setting as the engine has it, of what has been declared so far."""
        if self._built is None:
            self._built = Built(
                self.name, self.language, dict(self.kinds), dict(self._operators), tuple(self._laws)
            )
        return self._built


def _words(argument: str, names: str) -> tuple[str, ...]:
    words = tuple(names.replace(",", " ").split()) if isinstance(names, str) else ()
    if not words:
        raise InputError(argument, shown(names), "names, separated by blanks", f'as in S.{argument}("p q")')
    return words


def _latex(name: str) -> str:
    return str(sp.latex(sp.Symbol(name)))


def _title(argument: str, name: object, example: str) -> str:
    """A name of a setting or a statement, which stands in lines of a terminal and on pages."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > LONGEST:
        needed = f"a name of one line, at most {LONGEST} characters that can be printed"
        raise InputError(argument, shown(name), needed, example)
    return name


def _truth(argument: str, value: object) -> None:
    if not isinstance(value, bool):
        raise InputError(argument, shown(value), "True or False", "choose one of them")


def _condition(name: str, given: Any) -> tuple[sp.Expr, sp.Expr, bool]:
    """The smaller side, the larger one, and whether they may not be equal."""
    strict = isinstance(given, sp.StrictLessThan | sp.StrictGreaterThan)
    match given:
        case sp.LessThan() | sp.StrictLessThan():
            low, high = given.args
        case sp.GreaterThan() | sp.StrictGreaterThan():
            high, low = given.args
        case _:
            remedy = "as in when=[1 <= c, c <= 2]; an equation is [a <= b, a >= b]; leave out what the declarations say"
            raise InputError(name, shown(given), "conditions a <= b or a < b", remedy)
    return expression(name, low), expression(name, high), strict
