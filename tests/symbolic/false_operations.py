"""Small false derivatives, expectations and substitutions, each of which one missing check would let through, and true ones."""

from __future__ import annotations

from typing import Any

from false_data import ONE, TENSORS, ZERO, Data, equality, term

LETTERS: Data = TENSORS | {
    "q": {"slots": ["H"]}, "x": {"slots": ["H", "N", "K"]}, "e": {"slots": ["H", "N", "K"]}, "a": {"slots": ["m"]},
    "M": {"slots": ["m", "m"], "symmetric": True}, "T": {"slots": ["m", "m"]}, "n": {"slots": ["m"], "nonneg": True},
}  # fmt: skip
FREE: Data = {"of": []}
SCORE = [term(["q", "h:H"], ["f", "j:N"], ["g", "k:K"])]
FUNCTIONS: Data = {
    "A": FREE, "M": FREE, "R": FREE, "T": FREE, "f": FREE, "g": FREE, "q": FREE, "a": FREE, "n": FREE, "tau": FREE,
    "p": {"of": ["g"]}, "z": {"of": ["f"]},
    "x": {"indices": ["h:H", "j:N", "k:K"], "is": SCORE}, "s": {"softmax": "x", "over": 1}, "e": {"exp": "x"},
}  # fmt: skip
S, E, X = (["s", "h:H", "j:N", "k:K"], ["e", "h:H", "j:N", "k:K"], ["x", "h:H", "j:N", "k:K"])
MEAN = term(S, ["f", 0], ["g", "k:K"], ["s", "h:H", 0, "k:K"], dims="N", coefficient="-1")
OTHER_MEAN = term(S, ["f", "j:N"], ["g", 0], ["s", "h:H", "j:N", 0], dims="K", coefficient="-1")
SLOPE = [term(S, ["f", "j:N"], ["g", "k:K"]), MEAN]  # of s, in q at its own head
SQUARES = [term(["f", 0], ["f", 0], dims="N")]
VARIANCE: Data = {"variance": [term(tau="1")]}
SHJK = ("h:H", "j:N", "k:K")


def operation(by: str, of: list[Any], gives: list[Any], *indices: str, **more: Any) -> Data:
    return {"indices": list(indices), "of": of, "by": by, "gives": gives, **more}


def slope(of: list[Any], gives: list[Any], letter: str, *at: str, others: tuple[str, ...] = ()) -> Data:
    """The derivative in an entry of a letter."""
    return operation("derivative", of, gives, *at, *others, **{"in": letter, "at": list(at)})


def mean(of: list[Any], gives: list[Any], *indices: str, **laws: Data) -> Data:
    return operation("expectation", of, gives, *indices, laws=laws)


def put(of: list[Any], gives: list[Any], *indices: str, **letters: tuple[list[str], list[Any]]) -> Data:
    given = {name: {"indices": at, "is": value} for name, (at, value) in letters.items()}
    return operation("substitution", of, gives, *indices, **{"for": given})


def document(*operations: Data, functions: Data | None = None, at: list[str] | None = None) -> Data:
    """What the last operation gives equals what it gives."""
    last = operations[-1]
    called = [["1", {}, [[len(operations) - 1, at or last["indices"]]], []]]
    whole = equality(called, last["gives"])
    return whole | {
        "dimensions": {"H": [], "K": ["N", "U"], "d": [], "m": []},
        "tensors": LETTERS,
        "functions": FUNCTIONS | (functions or {}),
        "operations": list(operations),
    }


TWICE = [term(["f", "j:N"], coefficient="2")]
CROSSED = [term(["delta", "i:N", "l:N"], ["delta", "j:N", "n:N"])]
MINUS = [term(coefficient="-1")]
PAIR = [term(["f", "i:N"], ["f", "j:N"])]
SPREAD = [term(["delta", "i:N", "j:N"], tau="1")]
NORMAL: Data = VARIANCE | {"gaussian": True}
HEAVY: Data = VARIANCE | {"fourth": [term(coefficient="5", tau="2")]}  # kurtosis 5
JOINT: Data = {"second": "M", "gaussian": True}  # of a
COLUMNS: Data = {"second": "R", "gaussian": True}  # of A
EACH: Data = {"variance": [term(["n", "a:m"])], "indices": ["a:m"]}  # of a
FOURTH = [term(["f", "i:N"], ["f", "i:N"], ["f", "j:N"], ["f", "j:N"])]
AAAA = [term(["a", "a:m"], ["a", "a:m"], ["a", "b:m"], ["a", "b:m"])]
WICK = [term(tau="2"), term(["delta", "i:N", "j:N"], coefficient="2", tau="2")]
CROSS = [term(["A", "i:N", "j:N"], ["A", "l:N", "n:N"])]
COLUMN = [term(["R", "i:N", "l:N"], ["delta", "j:N", "n:N"])]


def power(order: int) -> list[Any]:
    """An entry of f to a power."""
    return [term(*[["f", "i:N"]] * order)]


FALSE_OPERATIONS: dict[str, Data] = {
    "a term of the product rule dropped": document(slope(SQUARES, [term(["f", "j:N"])], "f", "j:N")),
    "every entry is the one": document(slope([term(["f", "i:N"])], ONE, "f", "j:N", others=("i:N",))),
    "another entry": document(slope([term(["A", "i:N", "j:N"])], CROSSED, "A", "n:N", "l:N", others=("i:N", "j:N"))),
    "chain rule left out": document(slope([term(S)], ZERO, "q", "h:H", others=SHJK[1:])),
    "softmax without its mean": document(slope([term(S)], SLOPE[:1], "q", "h:H", others=SHJK[1:])),
    "softmax over the last slot": document(
        slope([term(S)], [SLOPE[0], OTHER_MEAN], "q", "h:H", others=SHJK[1:])),
    "softmax of other slots": document(
        slope([term(S)], ZERO, "q", "h:H", others=SHJK[1:]), functions={"s": {"softmax": "q", "over": 1}}),
    "exp is linear": document(
        slope([term(E)], [term(["f", "j:N"], ["g", "k:K"])], "q", "h:H", others=SHJK[1:])),
    "a letter that is said to be free and sums to one": document(
        slope([term(S)], ZERO, "q", "h:H", others=SHJK[1:]), functions={"s": FREE}),
    "a letter of which no derivative is known": document(slope([term(["p", "k:K"])], ZERO, "g", "t:K", others=("k:K",))),
    "a letter of which nothing is said": document(slope([term(["C", "k:K", "k:K"])], ZERO, "g", "t:K", others=("k:K",))),
    "a scalar that moves": document(slope([term(z="1")], ZERO, "f", "j:N")),
    "a scalar of which nothing is said": document(slope([term(y="1")], ZERO, "f", "j:N")),
    "what it is a function of, beside": document(
        slope([term(X, ["q", "h:H"])], [term(["q", "h:H"], ["delta", "j:N", "i:N"])], "x", "h:H", "i:N", "k:K", others=("j:N",))),
    "a derivative in a symmetric letter": document(
        slope([term(["R", "i:N", "i:N"])], [term(["delta", "i:N", "j:N"], ["delta", "i:N", "n:N"])], "R", "j:N", "n:N", others=("i:N",))),
    "a derivative in a letter that sums to one": document(
        slope([term(S, ["f", "j:N"])], [term(["f", "j:N"], ["delta", "j:N", "n:N"])], "s", "h:H", "n:N", "k:K", others=("j:N",))),
    "a derivative in an entry that is none": document(
        slope([term(["f", "j:N"])], [term(["delta", "j:N", "k:K"])], "f", "k:K", others=("j:N",))),
    "a derivative in an entry of two slots": document(slope([term(["A", "j:N", "j:N"])], ONE, "A", "j:N")),
    "softmax over another slot than it sums to one over": document(
        slope([term(S)], [SLOPE[0], OTHER_MEAN], "q", "h:H", others=SHJK[1:]), functions={"s": {"softmax": "x", "over": 2}}),
    "softmax over no slot": document(slope([term(S)], ZERO, "q", "h:H", others=SHJK[1:]), functions={"s": {"softmax": "x", "over": 3}}),
    "a function of itself": document(
        slope([term(X)], ZERO, "f", "n:N", others=SHJK),
        functions={"q": {"indices": ["h:H"], "is": [term(["e", "h:H", 0, 1], dims="NK")]}}),
    "a function said at other indices": document(
        slope([term(X)], [term(["q", "g:H"])], "f", "j:N", others=("h:H", "k:K", "g:H")),
        functions={"x": {"indices": [*SHJK], "is": [term(["q", "g:H"], ["f", "j:N"])]}}),
    "a function in two forms": document(
        slope([term(E)], ZERO, "q", "h:H", others=SHJK[1:]), functions={"e": {"exp": "x", "of": []}}),
    "a power of a size": document(operation("derivative", [term(K="2")], [term(K="1")], **{"in": "K"})),
    "a sum that grows": document(operation("derivative", [term(["g", 0], dims="K", K="1")], [term(["g", 0], dims="K")], **{"in": "K"})),
    "unlabelled tokens grow": document(
        operation("derivative", [term(["g", 0], dims="U", K="1")], [term(["g", 0], dims="U")], **{"in": "K"})),
    "a letter as a scalar": document(operation("derivative", [term(["f", "j:N"], K="1")], ZERO, "j:N", **{"in": "f"})),
    "a function of a scalar": document(
        operation("derivative", [term(z="1", K="1")], [term(z="1")], **{"in": "K"}), functions={"z": {"indices": [], "is": [term(K="1")]}}),
    "another variance": document(mean(PAIR, [term(["delta", "i:N", "j:N"], coefficient="2", tau="1")], "i:N", "j:N", f=VARIANCE)),
    "correlated entries": document(mean(PAIR, [term(tau="1")], "i:N", "j:N", f=VARIANCE)),
    "a mean that is not zero": document(mean([term(["f", "j:N"])], [term(["f", "j:N"])], "j:N", f=VARIANCE)),
    "a first moment that is not known": document(mean([term(["a", "a:m"])], ZERO, "a:m", a={"second": "M"})),
    "a third moment": document(mean([term(["f", "i:N"], ["f", "i:N"], ["f", "i:N"])], ZERO, "i:N", f=VARIANCE)),
    "a fourth moment": document(
        mean([term(["f", "i:N"], ["f", "i:N"], ["f", "j:N"], ["f", "j:N"])], [term(tau="2")], "i:N", "j:N", f=VARIANCE)),
    "a pairing left out": document(mean(FOURTH, [term(tau="2"), *[term(["delta", "i:N", "j:N"], tau="2")]], "i:N", "j:N", f=NORMAL)),
    "a tenth moment": document(mean(power(10), [term(coefficient="945", tau="5")], "i:N", f=NORMAL)),
    "a third moment that is one": document(mean(power(3), power(3), "i:N", f=NORMAL)),
    "a Gaussian that is none": document(mean(FOURTH, WICK, "i:N", "j:N", f=VARIANCE | {"gaussian": False})),
    "a Gaussian with a kurtosis of 5": document(mean(power(4), [term(coefficient="5", tau="2")], "i:N", f=HEAVY | {"gaussian": True})),
    "a kurtosis of 3": document(mean(power(4), [term(coefficient="3", tau="2")], "i:N", f=HEAVY)),
    "a sixth moment of a law of four": document(mean(power(6), [term(coefficient="15", tau="3")], "i:N", f=HEAVY)),
    "a fourth moment alone": document(mean(power(4), [term(tau="2")], "i:N", f={"fourth": [term(tau="2")]})),
    "a random fourth moment": document(
        mean(power(4), [term(["f", "n:N"])], "i:N", "n:N", f=VARIANCE | {"fourth": [term(["f", "n:N"])]})),
    "a covariance of other slots": document(mean(PAIR, [term(["M", "a:m", "a:m"])], "i:N", "j:N", "a:m", f=JOINT)),
    "a covariance that is not symmetric": document(
        mean([term(["a", "a:m"], ["a", "b:m"])], [term(["T", "a:m", "b:m"])], "a:m", "b:m", a={"second": "T", "gaussian": True})),
    "a covariance that is random": document(
        mean(CROSS, COLUMN, "i:N", "j:N", "l:N", "n:N", A=COLUMNS), functions={"R": {"of": ["A"]}}),
    "columns that depend on each other": document(
        mean(CROSS, [term(["R", "i:N", "l:N"])], "i:N", "j:N", "l:N", "n:N", A=COLUMNS)),
    "second moments over one of two slots": document(
        mean(CROSS, COLUMN, "i:N", "j:N", "l:N", "n:N", A={"second": "R"})),
    "second moments with indices": document(
        mean([term(["a", "a:m"], ["a", "b:m"])], [term(["M", "a:m", "b:m"])], "a:m", "b:m", a=JOINT | {"indices": ["a:m"]})),
    "a third moment of second moments": document(
        mean([term(["a", "a:m"], ["a", "a:m"], ["a", "b:m"])], ZERO, "a:m", "b:m", a={"second": "M"})),
    "a Gaussian that is nonnegative": document(mean([term(["n", "a:m"])], ZERO, "a:m", n={"second": "M", "gaussian": True})),
    "the variance of another entry": document(
        mean([term(["a", "b:m"], ["a", "b:m"])], [term(["n", "a:m"])], "a:m", "b:m", a=EACH)),
    "a law at fewer indices": document(
        mean(CROSS, ZERO, "i:N", "j:N", "l:N", "n:N", A={"variance": ZERO, "indices": ["i:N"]})),
    "a law at indices of another type": document(mean([term(["a", "a:m"])], ZERO, "a:m", a=VARIANCE | {"indices": ["i:N"]})),
    "a law with a word more": document(mean(PAIR, SPREAD, "i:N", "j:N", f=VARIANCE | {"mean": []})),
    "a function of what is random": document(mean([term(["p", "k:K"])], [term(["p", "k:K"])], "k:K", g=VARIANCE)),
    "a random scalar": document(mean([term(z="1")], [term(z="1")], f=VARIANCE)),
    "a law of a function": document(mean([term(X)], ZERO, *SHJK, x=VARIANCE)),
    "a law of mean 0 of a nonnegative letter": document(mean([term(["n", "a:m"])], ZERO, "a:m", n=VARIANCE)),
    "a law of a letter that sums to one": document(mean([term(S)], ZERO, *SHJK, s=VARIANCE)),
    "a law of a symmetric letter": document(mean([term(["R", "i:N", "j:N"])], ZERO, "i:N", "j:N", R=VARIANCE)),
    "a random variance": document(
        mean(PAIR, [term(["delta", "i:N", "j:N"], ["f", "n:N"])], "i:N", "j:N", "n:N", f={"variance": [term(["f", "n:N"])]})),
    "second moments that are not symmetric": document(
        mean([term(["a", "a:m"], ["a", "b:m"])], [term(["T", "a:m", "b:m"])], "a:m", "b:m", a={"second": "T"})),
    "second moments of other slots": document(
        mean(PAIR, [term(["M", "a:m", "a:m"])], "i:N", "j:N", "a:m", f={"second": "M"})),
    "two laws of one letter": document(
        mean([term(["a", "a:m"], ["a", "b:m"])], [term(["delta", "a:m", "b:m"], tau="1")], "a:m", "b:m", a={"second": "M", **VARIANCE})),
    "one of two entries": document(put(PAIR, [term(["f", "i:N"], tau="1")], "i:N", "j:N", f=(["j:N"], [term(tau="1")]))),
    "a letter that stands for itself": document(
        put([term(["f", "j:N"])], TWICE, "j:N", f=(["j:N"], TWICE))),
    "a function that stays": document(put([term(X)], [term(X)], *SHJK, q=(["h:H"], ONE))),
    "minus one for a nonnegative letter": document(
        put([term(["p", "k:K"])], MINUS, "k:K", p=(["k:K"], MINUS))),
    "a letter that sums to one gives way": document(put([term(S)], ONE, *SHJK, s=([*SHJK], ONE))),
    "an expression for fewer slots": document(
        put([term(["A", "i:N", "j:N"])], [term(["f", "i:N"])], "i:N", "j:N", A=(["i:N"], [term(["f", "i:N"])]))),
    "an expression for narrower slots": document(
        put([term(["g", "k:K"])], [term(["f", "k:N"])], "k:N", "k:K", g=(["k:N"], [term(["f", "k:N"])]))),
    "no operation": document(operation("wish", ONE, ZERO)),
    "an index that is not its own": document(put([term(["f", "j:N"])], [term(["f", "j:N"])]), at=[]),
    "an operation at a wider index": document(slope(SQUARES, TWICE, "f", "j:N"), at=["k:K"]),
    "an operation of itself": document(operation("derivative", [["1", {}, [[0, []]], []]], ZERO, **{"in": "K"})),
    "an operation from the end": document(
        operation("derivative", [term(K="1")], ONE, **{"in": "K"}),
        operation("derivative", [["1", {}, [[-1, []]], []]], ZERO, **{"in": "K"})),
    "what is refused, used": document(
        operation("derivative", ONE, ONE, **{"in": "K"}), operation("derivative", [["1", {}, [[0, []]], []]], ZERO, **{"in": "K"})),
}  # fmt: skip

TRUE_OPERATIONS: dict[str, Data] = {
    "product rule": document(slope(SQUARES, TWICE, "f", "j:N")),
    "softmax": document(slope([term(S)], SLOPE, "q", "h:H", others=SHJK[1:])),
    "softmax of what is the same everywhere": document(
        slope([term(S)], ZERO, "q", "h:H", others=SHJK[1:]),
        functions={"x": {"indices": [*SHJK], "is": [term(["q", "h:H"], ["g", "k:K"])]}}),
    "exp": document(slope([term(E)], [term(E, ["f", "j:N"], ["g", "k:K"])], "q", "h:H", others=SHJK[1:])),
    "a constant function": document(slope([term(["p", "k:K"], z="1", tau="1/2")], ZERO, "q", "h:H", others=("k:K",))),
    "a broken power of a size": document(
        operation("derivative", [term(K="1/2", tau="2")], [term(coefficient="1/2", K="-1/2", tau="2")], **{"in": "K"})),
    "variance": document(mean(PAIR, SPREAD, "i:N", "j:N", f=VARIANCE)),
    "mean": document(mean([term(["f", "i:N"], ["g", "k:K"])], ZERO, "i:N", "k:K", f=VARIANCE)),
    "second moments": document(mean([term(["a", "a:m"], ["a", "b:m"])], [term(["M", "b:m", "a:m"])], "a:m", "b:m", a={"second": "M"})),
    "a fourth moment by pairings": document(mean(FOURTH, WICK, "i:N", "j:N", f=NORMAL)),
    "a sixth moment by pairings": document(mean(power(6), [term(coefficient="15", tau="3")], "i:N", f=NORMAL)),
    "an eighth moment by pairings": document(mean(power(8), [term(coefficient="105", tau="4")], "i:N", f=NORMAL)),
    "a moment of odd order": document(mean(power(5), ZERO, "i:N", f=NORMAL)),
    "a law of four moments": document(
        mean(FOURTH, [term(tau="2"), term(["delta", "i:N", "j:N"], coefficient="4", tau="2")], "i:N", "j:N", f=HEAVY)),
    "a third moment of a symmetric law": document(mean(power(3), ZERO, "i:N", f=HEAVY)),
    "a covariance": document(
        mean(AAAA, [term(["M", "a:m", "a:m"], ["M", "b:m", "b:m"]), term(["M", "a:m", "b:m"], ["M", "b:m", "a:m"], coefficient="2")],
             "a:m", "b:m", a=JOINT)),
    "a mean with a covariance": document(mean([term(["a", "a:m"])], ZERO, "a:m", a=JOINT)),
    "independent columns": document(mean(CROSS, COLUMN, "i:N", "j:N", "l:N", "n:N", A=COLUMNS)),
    "a variance for each entry": document(
        mean(AAAA, [term(["n", "a:m"], ["n", "b:m"]), term(["n", "a:m"], ["n", "b:m"], ["delta", "a:m", "b:m"], coefficient="2")],
             "a:m", "b:m", a=EACH | {"gaussian": True})),
    "two independent letters": document(
        mean([term(["f", 0], ["f", 1], ["q", "h:H"], ["q", "h:H"], dims="NN")], [term(N="1", tau="2")], "h:H", f=VARIANCE, q=VARIANCE)),
    "substitution": document(
        put(PAIR, [term(["g", "i:N"], ["g", "j:N"], tau="2")], "i:N", "j:N", f=(["n:N"], [term(["g", "n:N"], tau="1")]))),
    "at other indices": document(slope(SQUARES, TWICE, "f", "j:N")),
}  # fmt: skip
