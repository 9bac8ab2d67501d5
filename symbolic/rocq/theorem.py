"""One proof as a file for Rocq: its premises, what its letters are, the facts that it goes by, and the statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from symbolic.rocq.expressions import (
    Closure,
    Expr,
    Pair,
    Unexported,
    Var,
    add,
    build,
    minus,
    references,
    summed,
    times,
)  # fmt: skip
from symbolic.rocq.names import Indices, Names, Writer

RULES = {
    "mean value": "the mean value theorem for softmax",
    "slope": "the mean value theorem for softmax along a vector",
    "descent lemma": "the descent lemma",
    "steps": "the triangle inequality over the steps of a descent",
    "induction": "induction over the steps of a descent",
    "exponential": "the logarithm is increasing",
    "extreme": "a spectral norm or an eigenvalue is the extreme number of its kind",
}
EVALUATED = {"derivative": "∂", "expectation": "E"}


FORMAL = 900  # numbers of the indices of a function, which no other index has


class Frame(NamedTuple):
    """What stands for letters in a fact, and the free indices that this brings with it."""

    letters: Mapping[Any, Closure]
    brought: tuple[str, ...] = ()
    supplied: tuple[
        tuple[str, int], ...
    ] = ()  # hypotheses, by name, that another fact shows; the last ones count first
    name: str = ""


class Premise(NamedTuple):
    """What a theorem takes: its name in the file, what it is, and its text."""

    word: str
    kind: str  # axiom, hypothesis or rule
    name: str
    text: str


class Scope:
    """The indices of one statement: numbers and names."""

    def __init__(self, names: Names, refs: Iterable[str] = ()) -> None:
        self.indices, self._found = Indices(names), dict[str, Var]()
        self.given = [self.at(ref) for ref in refs]

    def at(self, ref: str) -> Var:
        """The index of this name in the data."""
        name, _, dim = ref.partition(":")
        if ref not in self._found:
            self._found[ref] = Var(dim, len(self._found))
            self.indices.call(self._found[ref], name)
        return self._found[ref]

    def named(self, vars_: Iterable[Var]) -> list[str]:
        return [self.indices.name(var) for var in vars_]


class Theorem:
    """A proof of the data as a text. Raises Unexported where the library has no rule for it."""

    def __init__(self, document: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        self._document, self.row = document, row
        self._names = Names(document)
        self._writer = Writer(self._names)
        self.premises: dict[tuple[str, str, str], Premise] = {}
        self._lemmas: list[str] = []
        self._made: dict[tuple[int, str], str] = {}
        self._operations = dict(self._closures())
        self.evaluated = sorted(
            {by for side in ("lhs", "rhs") for by in self._mentioned(row[side])} & set(EVALUATED)
        )
        self.body = self._identity() if row["relation"] == "=" else self._inequality()

    @property
    def rules(self) -> list[str]:
        """The rules of analysis that it takes."""
        return sorted({premise.kind for premise in self.premises.values()} & set(RULES))

    # ---------- operations ----------
    def _closures(self) -> Iterator[tuple[int, Closure]]:
        """What stands for each operation: what it gives, and for a substitution the expression with the substitution made."""
        found: dict[Any, Closure] = {}
        for number, row in enumerate(self._document.get("operations", ())):
            terms, letters = row["gives"], dict[Any, Closure]()
            if row["by"] == "substitution":
                terms, made = row["of"], dict[Any, Closure]()
                for letter, given in row["for"].items():
                    kept = {ref: ref for ref in references(given["is"])}
                    inner = {name: found[name] for name in _operations(given["is"])}
                    made[letter] = Closure(tuple(given["indices"]), given["is"], inner, kept)
                letters = made | {name: found[name].under(made) for name in _operations(terms)}
            found[number] = Closure(
                tuple(row["indices"]), terms, letters, {ref: ref for ref in references(terms)}
            )
            yield number, found[number]

    def _mentioned(self, terms: Any) -> Iterator[str]:
        """The operations that terms mention, by their kinds."""
        for _, _, factors, _ in terms:
            for name, _ in factors:
                if type(name) is int:
                    row = self._document["operations"][name]
                    yield row["by"]
                    yield from self._mentioned(row["of"])

    # ---------- premises ----------
    def _take(self, kind: str, name: str, text: str, frame: str = "") -> str:
        key = (kind, name, frame)
        if key not in self.premises:
            self.premises[key] = Premise(f"premise_{len(self.premises) + 1}", kind, name, text)
        return self.premises[key].word

    def _axiom(self, name: str) -> str:
        row = self._document["axioms"][name]
        _closed(name, row["indices"], row["lhs"], row["rhs"])
        scope = Scope(self._names, row["indices"])
        left, right = (build(row[side], scope.at, {}) for side in ("lhs", "rhs"))
        text = f"{self._forall(scope, scope.given)}{self._text(left, scope)} = {self._text(right, scope)}"
        return self._take("axiom", name, text)

    def _forall(self, scope: Scope, vars_: Sequence[Var]) -> str:
        ranges = []
        for var in vars_:
            low, high = self._names.range(var.dim)
            name = scope.indices.name(var)
            ranges.append(f"forall {name}, ({low} <= {name} < {high})%N -> ")
        return "".join(ranges)

    def _text(self, expr: Expr, scope: Scope) -> str:
        return self._writer.text(expr, scope.indices)

    # ---------- scripts ----------
    def _context(self, vars_: Sequence[Var], scope: Scope) -> tuple[str, str]:
        """The list of the free indices, and why each is in its range."""
        proof = "I"
        for name in reversed(scope.named(vars_)):
            proof = f"(conj h_{name} {proof})"
        return f"[:: {'; '.join(map(self._writer.var, vars_))}]", proof

    def _start(self, scope: Scope, vars_: Sequence[Var]) -> list[str]:
        point = "(fun _ => 0%N)"
        for var in vars_:
            point = f"(upd {point} {self._writer.var(var)} {scope.indices.name(var)})"
        moved = " ".join(f"{name} h_{name}" for name in scope.named(vars_))
        return [*([f"move=> {moved}."] if moved else []), f"pose point : env := {point}."]

    def _compared(self, lemma: str, left: Expr, right: Expr, scope: Scope, vars_: Sequence[Var]) -> str:
        """Rocq computes that both are equal: the step from a goal about the left side to one about the right side."""
        listed, ranges = self._context(vars_, scope)
        sides = f"(a := {self._writer.data(left)}) (b := {self._writer.data(right)})"
        return f"{lemma} (ctx := {listed}) {sides} (r := point) N_K symP unitP scP nzP {ranges}"

    def _at_least(self, goal: Expr, by: Expr, scope: Scope, vars_: Sequence[Var]) -> str:
        return f"refine ({self._compared('by_at_least', goal, by, scope, vars_)} _ _); first by vm_compute."

    def _cited(self, word: str, scope: Scope, vars_: Sequence[Var]) -> str:
        return " ".join([word, *(f"{name} ltac:(in_range)" for name in scope.named(vars_))])

    def _uses(self, rows: Any, scope: Scope, frame: Frame) -> list[tuple[Expr, str]]:
        """For each use of an axiom the expression that is zero, and the script that shows it."""
        found = []
        for use in rows:
            axiom = self._document["axioms"][use["axiom"]]
            word = self._axiom(use["axiom"])
            at = dict(zip(axiom["indices"], map(scope.at, use["at"]), strict=True))
            left, right = (build(axiom[side], at.__getitem__, {}) for side in ("lhs", "rhs"))
            bind = list(map(scope.at, use["bind"]))
            cofactor = build(use["cofactor"], scope.at, frame.letters)
            zero = summed(bind, times([cofactor, minus(left, right)]))
            script = "".join(f"apply: zero_sum => {name} h_{name}; " for name in scope.named(bind))
            script += f"apply: zero_axiom; exact ({self._cited(word, scope, list(at.values()))})"
            found.append((zero, script))
        return found

    # ---------- facts ----------
    def _positive(self, number: int, scope: Scope, frame: Frame) -> Expr:
        return build(self._document["facts"][number]["positive"], scope.at, frame.letters)

    def _citation(
        self, number: int, frame: Frame, scope: Scope, at: Sequence[Var], brought: Sequence[Var]
    ) -> str:
        """A fact at indices, with its letters as the frame has them: the term that shows it.

        brought  the indices that the letters of the frame bring with them
        """
        row = self._document["facts"][number]
        if row["by"] == "hypothesis":
            for place, (name, other) in reversed(list(enumerate(frame.supplied))):
                if row["name"] == name:
                    under = frame._replace(supplied=frame.supplied[:place])
                    return self._citation(other, under, scope, at, brought)
            return self._cited(self._hypothesis(row, frame, scope, brought), scope, at)
        return self._cited(self._fact(number, frame), scope, [*brought, *at])

    def _fact(self, number: int, frame: Frame) -> str:
        """The name of the lemma, or of the conclusion of a rule of analysis."""
        row = self._document["facts"][number]
        key = (number, f"{frame.name} {frame.supplied}")
        if key not in self._made:
            scope = Scope(self._names, [*frame.brought, *row["indices"]])
            given = list(scope.given)
            stated = (
                self._forall(scope, given)
                + f"0 <= {self._text(self._positive(number, scope, frame), scope)} :> R"
            )
            if row["by"] in RULES:
                return self._take(row["by"], row["name"], stated, frame.name)
            script = [*self._start(scope, given), *self._script(number, row, scope, frame)]
            self._made[key] = f"fact_{len(self._made) + 1}"
            about = f"(* {comment(row['name'])} *)"
            self._lemmas += [about, f"Lemma {self._made[key]} : {stated}.", "Proof.", *script, "Qed."]
        return self._made[key]

    def _hypothesis(self, row: Mapping[str, Any], frame: Frame, at: Scope, brought: Sequence[Var]) -> str:
        """A premise, applied to what stands here for the letters for every value of which it is stated."""
        _closed(row["name"], row["indices"], row["positive"])
        scope = Scope(self._names, row["indices"])
        every, here = "", []
        for letter in row["any"]:
            word = self._names.letter(letter)
            every += f"forall {word} : {'nat -> ' * len(self._names.tensors[letter]['slots'])}R, "
            here.append(self._function(letter, frame, at, brought) if letter in frame.letters else word)
        positive = build(row["positive"], scope.at, {})
        text = f"{every}{self._forall(scope, scope.given)}0 <= {self._text(positive, scope)} :> R"
        return " ".join([self._take("hypothesis", row["name"], text), *here])

    def _function(self, letter: str, frame: Frame, scope: Scope, brought: Sequence[Var]) -> str:
        """What stands for a letter, as a function of its indices."""
        made, known = frame.letters[letter], dict(zip(frame.brought, brought, strict=True))
        formal = {}
        for place, ref in enumerate(made.formals):
            name, _, dim = ref.partition(":")
            formal[ref] = Var(dim, FORMAL + place)
            scope.indices.call(formal[ref], name)
        body = build(
            made.terms, lambda ref: formal[ref] if ref in formal else known[made.renamed[ref]], made.letters
        )
        return f"(fun {' '.join(scope.named(formal.values()))} => {self._text(body, scope)})"

    def _weights(self, row: Mapping[str, Any], scope: Scope, frame: Frame) -> list[tuple[Expr, str]]:
        letters = frame.letters
        found = []
        for weight in row["weights"]:
            multiplier, root = (build(weight[part], scope.at, letters) for part in ("multiplier", "root"))
            value = times([multiplier, Pair("*", root, root)])
            bind = list(map(scope.at, weight["bind"]))
            script = "".join(f"apply: ge_sum => {name} h_{name}; " for name in scope.named(bind))
            if weight["fact"] is None:
                script += "apply: ge_mul; [nonnegative scP | exact: ge_square]"
            else:
                fact = self._document["facts"][weight["fact"]]
                at = dict(zip(fact["indices"], map(scope.at, weight["at"]), strict=True))
                brought = [scope.at(ref) for ref in frame.brought]
                cited = self._citation(weight["fact"], frame, scope, [*at.values()], brought)

                def inner(ref: str, at: Mapping[str, Var] = at) -> Var:
                    return at[ref] if ref in at else scope.at(ref)

                value = times([value, build(fact["positive"], inner, letters)])
                script += (
                    f"apply: ge_mul; [apply: ge_mul; [nonnegative scP | exact: ge_square] | exact ({cited})]"
                )
            found.append((summed(bind, value), script))
        return found

    def _same(self, number: int, frame: Frame, scope: Scope) -> tuple[Expr, str]:
        """A fact at the indices that it has there: its expression, and the term that shows it."""
        row = self._document["facts"][number]
        at = [scope.at(ref) for ref in row["indices"]]
        brought = [scope.at(ref) for ref in frame.brought]
        return self._positive(number, scope, frame), self._citation(number, frame, scope, at, brought)

    def _script(self, number: int, row: Mapping[str, Any], scope: Scope, frame: Frame) -> list[str]:
        """Why the fact holds, from a goal about it."""
        given, goal = list(scope.given), self._positive(number, scope, frame)
        letters = frame.letters

        def part(name: str) -> Expr:
            return build(row[name], scope.at, letters)

        def reached(by: Expr, number: int) -> list[str]:
            shown, cited = self._same(number, frame, scope)
            return [self._at_least(by, shown, scope, given), f"exact ({cited})."]

        match row["by"]:
            case "certificate":
                weights, uses = self._weights(row, scope, frame), self._uses(row["uses"], scope, frame)
                whole = add([add([expr for expr, _ in weights]), *(expr for expr, _ in uses)])
                lines = [self._at_least(goal, whole, scope, given)]
                lines += [f"apply: ge_without; first by ({script})." for _, script in reversed(uses)]
                lines += [f"apply: ge_add; last by ({script})." for _, script in reversed(weights[1:])]
                return [*lines, f"by ({weights[0][1]})." if weights else "exact: ge_zero."]
            case "root":
                a, b = part("a"), part("b")
                squares = minus(times([b, b]), times([a, a]))
                lines = [self._at_least(goal, minus(b, a), scope, given)]
                lines += ["apply: ge_root; [by nonnegative scP | by nonnegative scP |]."]
                return lines + reached(squares, row["premise"])
            case "Cauchy–Schwarz":
                a, b, x, y = map(part, "abxy")
                over = list(map(scope.at, row["over"]))
                listed = f"[:: {'; '.join(map(self._writer.var, over))}]"

                def over_all(one: Expr, other: Expr) -> Expr:
                    return summed(over, Pair("*", one, other))

                lines = [self._at_least(goal, minus(times([a, b]), over_all(x, y)), scope, given)]
                named = " ".join(
                    f"({one} := {self._writer.data(expr)})"
                    for one, expr in zip("abxy", (a, b, x, y), strict=True)
                )
                lines += [
                    f"refine (ge_cauchy (l := {listed}) {named} (r := point) _ _ _ _); [by nonnegative scP | by nonnegative scP | |]."
                ]
                for side, vector, premise in ((a, x, row["of_a"]), (b, y, row["of_b"])):
                    first, last = reached(minus(times([side, side]), over_all(vector, vector)), premise)
                    lines.append(f"- {first}")
                    lines.append(f"  {last}")
                return lines
            case "substitute":
                level = len(frame.brought)
                refs = [ref for ref in references(row["definition"]) if ref not in row["formals"]]
                names = {ref: f"{ref.partition(':')[0]}_{level}:{ref.partition(':')[2]}" for ref in refs}
                closure = Closure(tuple(row["formals"]), row["definition"], letters, names)
                under = Frame(
                    {**frame.letters, row["tensor"]: closure}, (*frame.brought, *names.values()), frame.supplied,
                    f"{frame.name} {number}",
                )  # fmt: skip
                brought = [*(scope.at(ref) for ref in frame.brought), *(scope.at(ref) for ref in refs)]
                base, known = (
                    self._document["facts"][row["fact"]],
                    dict(zip(under.brought, brought, strict=True)),
                )
                at = [scope.at(ref) for ref in base["indices"]]
                shown = build(
                    base["positive"], lambda ref: known[ref] if ref in known else scope.at(ref), under.letters
                )
                cited = self._citation(row["fact"], under, scope, at, brought)
                return [self._at_least(goal, shown, scope, given), f"exact ({cited})."]
            case "supply":
                facts = self._document["facts"]
                supplied = tuple(
                    (met, other) for other in row["supplies"] for met in self._met(row["fact"], facts[other])
                )
                under = frame._replace(supplied=(*frame.supplied, *supplied))
                shown, cited = self._same(row["fact"], under, scope)
                return [self._at_least(goal, shown, scope, given), f"exact ({cited})."]
        raise Unexported(f"the library has no rule {row['by']}")

    def _met(self, number: int, other: Mapping[str, Any]) -> Iterator[str]:
        """The names of the hypotheses below a fact that another fact shows."""
        for row in self._document["facts"][:number]:
            if row["by"] == "hypothesis" and all(row[key] == other[key] for key in ("positive", "indices")):
                yield row["name"]

    # ---------- statements ----------
    def _statement(self, scope: Scope, left: Expr, right: Expr, free: Sequence[Var]) -> list[str]:
        sign = "=" if self.row["relation"] == "=" else "<="
        sides = f"  {self._text(left, scope)}\n  {sign} {self._text(right, scope)}."
        return [f"Theorem claim :{' ' if free else ''}{self._forall(scope, free).rstrip()}", sides, "Proof."]

    def _identity(self) -> list[str]:
        row = self.row
        refs = [*references(row["lhs"]), *references(row["rhs"])]
        scope = Scope(self._names, dict.fromkeys(refs))
        free = list(scope.given)
        left, right = (build(row[side], scope.at, self._operations) for side in ("lhs", "rhs"))
        uses = self._uses(row["uses"], scope, Frame(self._operations))
        if len(uses) == 1 and not row["uses"][0]["bind"] and _constant(row["uses"][0]["cofactor"]):
            raise Unexported("its premise is its conclusion")
        whole = add([right, *(zero for zero, _ in uses)])
        lines = [*self._statement(scope, left, right, free), *self._start(scope, free)]
        lines.append(
            f"refine (etrans ({self._compared('by_equal', left, whole, scope, free)} _) _); first by vm_compute."
        )
        lines += [f"apply: without; first by ({script})." for _, script in reversed(uses)]
        return [*lines, "by []."]

    def _inequality(self) -> list[str]:
        row = self.row
        fact = self._document["facts"][row["fact"]]
        if fact["by"] in (*RULES, "hypothesis"):
            raise Unexported(f"its premise is its conclusion: {RULES.get(fact['by'], 'a hypothesis')}")
        refs = [*row["axes"], *references(row["lhs"]), *references(row["rhs"])]
        scope = Scope(self._names, dict.fromkeys(refs))
        free, frame = list(scope.given), Frame(self._operations)
        left, right = (build(row[side], scope.at, self._operations) for side in ("lhs", "rhs"))
        at = dict(zip(fact["indices"], map(scope.at, row["axes"]), strict=True))
        positive = build(
            fact["positive"], lambda ref: at[ref] if ref in at else scope.at(ref), self._operations
        )
        cited = self._citation(row["fact"], frame, scope, list(at.values()), [])
        goal = minus(right, left)
        return [
            *self._statement(scope, left, right, free), *self._start(scope, free), "rewrite -subr_ge0.",
            self._at_least(goal, positive, scope, free), f"exact ({cited}).",
        ]  # fmt: skip

    # ---------- the file ----------
    def lines(self) -> Iterator[str]:
        """The section: variables, hypotheses, the model for the checker, facts, the statement."""
        yield from self._declared()
        for premise in self.premises.values():
            yield f"(* {'by the rule ' + premise.kind if premise.kind in RULES else premise.kind}: {comment(premise.name)} *)"
            yield f"Hypothesis {premise.word} : {premise.text}."
        yield from self._model()
        yield from self._lemmas
        yield from self.body
        yield "Qed."

    def _declared(self) -> Iterator[str]:
        names, writer = self._names, self._writer
        yield "Variable R : rcfType."
        yield f"Variables {' '.join(names.dim(dim) for dim, number in names.types.items() if number != 1)} : nat."
        for dim, number in names.types.items():
            if number not in (1, 2):
                yield f"Hypothesis {names.dim(dim)}_gt0 : (0 < {names.dim(dim)})%N."
        for letter in writer.letters:
            yield f"Variable {names.letter(letter)} : {'nat -> ' * len(names.tensors[letter]['slots'])}R."
        for name in writer.scalars:
            word, positive = names.scalar(name), name in writer.positive
            yield f"Variable {word} : R."
            yield f"Hypothesis {word}_{'gt' if positive else 'ge'}0 : 0 {'<' if positive else '<='} {word}."
        if names.whole:
            part = next(dim for dim, number in names.types.items() if number == 0)
            yield f"Hypothesis N_K : ({names.dim(part)} <= {names.dim(names.whole)})%N."
        else:
            yield "Let N_K : (0 <= 0)%N := isT."
        for letter in writer.letters:
            yield from self._property(letter)

    def _property(self, letter: str) -> Iterator[str]:
        given, word = self._names.tensors[letter], self._names.letter(letter)
        refs = [f"i{place}" for place in range(len(given["slots"]))]
        entry = " ".join([word, *refs])
        if given.get("symmetric"):
            low, high = self._names.range(given["slots"][0])
            yield (
                f"Hypothesis {word}_sym : forall i0 i1, ({low} <= i0 < {high})%N -> ({low} <= i1 < {high})%N -> "
                f"{word} i0 i1 = {word} i1 i0."
            )
        if "unit_sum" in given:
            over = refs[given["unit_sum"]]
            low, high = self._names.range(given["slots"][given["unit_sum"]])
            others = [ref for ref in refs if ref != over]
            every = f"forall {' '.join(others)}, " if others else ""
            yield f"Hypothesis {word}_sum : {every}\\sum_({low} <= {over} < {high}) {entry} = 1."
        if given.get("nonneg"):
            every = f"forall {' '.join(refs)}, " if refs else ""
            yield f"Hypothesis {word}_ge0 : {every}0 <= {entry}."

    def _model(self) -> Iterator[str]:
        names, writer, given = self._names, self._writer, self._names.tensors
        others = [
            names.dim(dim)
            for dim, number in sorted(names.types.items(), key=lambda one: one[1])
            if number > 2
        ]
        part, whole = ("0%N", "0%N") if not names.whole else (
            next(names.dim(dim) for dim, number in names.types.items() if number == 0), names.dim(names.whole)
        )  # fmt: skip
        yield f"Let dims := sizes [:: {'; '.join(others)}]."
        rows = []
        for letter in writer.letters:
            refs = [f"i{place}" for place in range(len(given[letter]["slots"]))]
            rows.append(
                f"(fun a => if a is [:: {'; '.join(refs)}] then {' '.join([names.letter(letter), *refs])} else 0)"
            )
        yield "Let letters : nat -> seq nat -> R := entries [:: " + ";\n  ".join(rows) + "]."
        words = list(map(names.scalar, writer.scalars))
        yield f"Let scalars : nat -> R := numbers [:: {'; '.join(words)}]."
        symmetric = [letter for letter in writer.letters if given[letter].get("symmetric")]
        unit = [letter for letter in writer.letters if "unit_sum" in given[letter]]
        pairs = [
            f"({writer.letters[letter]}, {names.types[given[letter]['slots'][0]]})%N" for letter in symmetric
        ]
        yield f"Let symmetric : seq (nat * nat) := [:: {'; '.join(pairs)}]."
        sums = []
        for letter in unit:
            slots, slot = given[letter]["slots"], given[letter]["unit_sum"]
            sums.append(f"({writer.letters[letter]}, ({slot}, ({names.types[slots[slot]]}, {len(slots)})))%N")
        yield f"Let unit : seq (nat * (nat * (nat * nat))) := [:: {'; '.join(sums)}]."
        nonzero = [
            (number, f"{names.dim(dim)}_gt0") for dim, number in names.types.items() if number not in (1, 2)
        ]
        kept = [(str(number), f"size_neq0 R {proof}") for number, proof in nonzero]
        if names.whole:
            kept.append(("2", f"size_neq0 R (leq_trans {part}_gt0 N_K)"))
        kept += [
            (str(number), f"lt0r_neq0 {names.scalar(name)}_gt0") for name, number in writer.scalars.items() if name in writer.positive
        ]  # fmt: skip
        yield f"Let nonzero : seq nat := [:: {'; '.join(number for number, _ in kept)}]%N."
        model = f"{part} {whole} dims"
        signs = [f"{names.letter(letter)}_sym" for letter in symmetric]
        yield f"Let symP := @symmetric_by R {model} letters symmetric {conjoined(signs)}."
        yield "Lemma unit_all : every (fun p : nat * (nat * (nat * nat)) => forall a, (p.2.1 < size a)%N -> size a = p.2.2.2 ->"
        yield f"  \\sum_(lo {part} p.2.2.1 <= i < hi {model} p.2.2.1) letters p.1 (set_nth 0%N a p.2.1 i) = 1) unit."
        shown = []
        for letter in unit:
            nested = "[|? ?]"
            for place in reversed(range(len(given[letter]["slots"]))):
                nested = f"[|u{place} {nested}]"
            shown.append(f"split; first by case=> {nested} // _ _; exact: {names.letter(letter)}_sum.")
        yield " ".join(["Proof. rewrite /unit /=.", *shown, "by []. Qed."])
        yield f"Let unitP := @unit_by R {model} letters unit unit_all."
        signs = [
            f"(ltW {names.scalar(n)}_gt0)" if n in writer.positive else f"{names.scalar(n)}_ge0"
            for n in writer.scalars
        ]
        yield f"Let scP := @scalars_by R {model} scalars (numbers_ge0 (l := [:: {'; '.join(words)}]) {conjoined(signs)})."
        yield f"Let nzP := @nonzero_by R {model} scalars nonzero {conjoined([f'({proof})' for _, proof in kept])}."


def conjoined(proofs: Sequence[str]) -> str:
    """The proof of all, as `every` has it."""
    found = "I"
    for proof in reversed(proofs):
        found = f"(conj {proof} {found})"
    return found


def _closed(name: str, indices: Sequence[str], *terms: Any) -> None:
    """Raises Unexported where a premise is about indices that are fixed elsewhere."""
    if fixed := [ref for one in terms for ref in references(one) if ref not in indices]:
        raise Unexported(f"a premise, {name}, about fixed indices: {', '.join(dict.fromkeys(fixed))}")


def _operations(terms: Any) -> set[int]:
    """The operations that terms mention."""
    return {name for _, _, factors, _ in terms for name, _ in factors if type(name) is int}


def _constant(terms: Any) -> bool:
    return len(terms) == 1 and not terms[0][1] and not terms[0][2] and not terms[0][3]


def comment(text: str) -> str:
    """A text that does not end a comment."""
    return text.replace("(*", "( *").replace("*)", "* )")
