"""The rules of analysis with one check of them broken: a piece of their text, what stands in its place, and a fact that the broken rule
accepts and that is false where all that it rests on holds.

Some checks are not among them, since no false statement needs them:

  supply        a hypothesis that the fact does not suppose, and other free indices: what is supplied is kept among the premises, and a
                fact is stated for every value of its free indices, listed or not. The same for the indices of `extreme`, of `mean value`
                and of `induction`. They are refused since a proof that does so is not what it looks like.
  extreme       a letter that is not mentioned, or stands twice or under a sum: there is no power of it to bound.
  mean value    the flow: softmax is 1-Lipschitz from ‖·‖_∞ to ‖·‖₁, and no false conclusion is left to draw. The flow is why that is so.
  descent lemma that the slots of a condition are those of a parameter: else the square of the parameter does not type; a second ball
                where the first is one of ξ, since only points near ξ′ are reached from ξ.
  steps         that a condition speaks of one point: with ξ′ the start it would be so at every step as well.
  induction     that a statement is a hypothesis: another reason for it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from forged import MINUS, ONE, Forged, Rules, below, one, wish
from forged_course import (
    AFTER,
    APART,
    BOWL,
    CUBIC,
    DELTA0,
    ETA,
    EXP,
    FAR,
    LINE,
    LIP,
    LIPSCHITZ,
    POWER,
    RATIO,
    TOTAL,
    TURNED,
    at_another,
    at_start,
    cubic,
    descent,
    exponential,
    f,
    f2,
    flat,
    for_every_vector,
    forged_way,
    from_the_next,
    from_the_start,
    h,
    half_bowl,
    in_time,
    induction,
    no_constant_radius,
    one_ball,
    reached_for_every_vector,
    root_of_steps,
    says,
    seven,
    small,
    twice_as_far,
    way,
)
from forged_rules import (
    ALPHA,
    HALF,
    S2,
    SQUARES,
    SUM,
    V0,
    WORLD,
    X0,
    X1,
    XI,
    ZERO,
    N,
    S,
    below_norm,
    by_chain,
    by_hypothesis,
    defined_here,
    defined_twice,
    extreme,
    for_any,
    from_,
    greatest,
    i,
    j,
    least,
    mean_value,
    of_length_one,
    of_no_token,
    one_at,
    open_sign,
    pairs,
    slope,
    still,
    supplied,
    two_powers,
    zero,
)

from symbolic.indexed import number, scalar

Broken = tuple[str, str, Callable[[Rules], Forged]]
BROKEN_RULES: dict[str, Broken] = {
    # supply
    "supply: another premise": ("if asked.positive == supply.positive]", "]", lambda b: Forged(supplied(b, from_(b, wish(b)), zero(b)))),
    "supply: for any letter": ("not ties(supply, tensor), f", "True, f", for_any),
    "supply: at other points": ('for taken in kept if taken.when == "" and isinstance', "for taken in kept if isinstance",
        lambda b: Forged(supplied(b, way(b), small(b)), **FAR)),
    "supply: what supplies is not listed": ("return kept | union(self.supplies)", "return kept",
        lambda b: Forged(supplied(b, from_(b, wish(b)), wish(b, "another")))),
    "supply: what supplies is not checked": ("return (self.fact, *self.supplies)", "return (self.fact,)",
        lambda b: Forged(supplied(b, from_(b, wish(b)), below(b)))),
    "supply: the fact is not checked": ("return (self.fact, *self.supplies)", "return self.supplies",
        lambda b: Forged(supplied(b, from_(b, b.Fact("1", ONE), MINUS), one(b)))),
    # extreme
    "extreme: of what is no hypothesis": ("self.of.why is not None or", "",
        lambda b: extreme(b, below_norm(b, any=(XI,), extreme="nA", when="always"), N, pairs(b), scalars={"nA": 5})),
    "extreme: of a condition": (' or self.of.when != "always"', "",
        lambda b: Forged(supplied(b, extreme(b, least(b, when=""), N, pairs(b)).fact, below_norm(b)), {"xi": [1, 1]}, {"nA": 5})),
    "extreme: any premise": ("self.premise.positive == head * self.value + rest", "True", lambda b: extreme(b, least(b), ZERO, one(b))),
    "extreme: two powers": ("power is None or power == found", "True", two_powers),
    "extreme: no vector": ("not any(slot.may_be_empty for slot in tensor.slots)", "True", of_no_token),
    "extreme: the bound is the vector's": ("tensor not in letters(self.value)", "True", lambda b: greatest(b, SQUARES, zero(b))),
    "extreme: the bound is the vector's by a chain": ("made |= defined", "made |= set()", by_chain),
    "extreme: the bound follows the vector": ("letters(self.of.positive, self.value)", "letters(self.of.positive)", by_chain),
    "extreme: the hypothesis follows the vector": ("letters(self.of.positive, self.value)", "letters(self.value)", by_hypothesis),
    "extreme: the vector is tied": ("len(defined) == 1 and defined.isdisjoint(said)", "defined.isdisjoint(said)", of_length_one),
    "extreme: defined twice": ("len(defined) == 1 and defined.isdisjoint(said)", "len(defined) == 1", defined_twice),
    "extreme: defined at one point": ('isinstance(what, Axiom) and found.when == "always"', "isinstance(what, Axiom)", defined_here),
    "extreme: the sign is open": ("need(nonnegative(-1 * head),", "need(True,", open_sign),
    "extreme: the other way": ("return self.value - power", "return power - self.value",
        lambda b: extreme(b, least(b), N + 3, pairs(b, b.Weight(number(3), XI[j], bind=(j,)), head=N + 3), sign=-1)),
    "extreme: the hypothesis is not listed": ("Extreme :: return union(self.premises)", "return union((self.premise,))",
        lambda b: extreme(b, least(b), N, pairs(b), scalars={"nA": 5}, granted=())),
    "extreme: the premise is not listed": ("Extreme :: return union(self.premises)", "return union((self.of,))",
        lambda b: extreme(b, least(b), ZERO, b.Fact("no more than 0", -1 * SUM**2, any=(XI,)))),
    "extreme: the premise is not checked": ("return self.of, self.premise", "return (self.of,)",
        lambda b: extreme(b, least(b), ZERO, b.Fact("no more than 0", -1 * SUM**2, (), b.Certificate()))),
    # mean value
    "mean value: sign of the bound": ("need(nonnegative(self.value),", "need(True,",
        lambda b: Forged(mean_value(b, value=number(-2)), **WORLD)),
    "mean value: a bound for each position": ("need(over not in self.value.free(),", "need(True,",
        lambda b: Forged(mean_value(b, value=V0[j]), **WORLD)),
    "mean value: any scores": ("(self.scores, self.value**2 - (of.x - of.x2) ** 2),", "",
        lambda b: Forged(mean_value(b, value=ZERO, scores=one_at(b)), **WORLD)),
    "mean value: any way": ("(self.of_moved, step**2 - self.moved**2),", "",
        lambda b: Forged(mean_value(b, moved=number(5), of_moved=one_at(b)), **WORLD)),
    "mean value: any fact is the premise": ('need(fact.positive == wanted, f"mean value', 'need(True, f"mean value',
        lambda b: Forged(mean_value(b, moved=number(5), of_moved=one_at(b)), **WORLD)),
    "mean value: scores are not listed": ("union((self.scores, self.of_moved))", "union((self.of_moved,))",
        lambda b: Forged(mean_value(b, value=ZERO), **WORLD)),
    "mean value: softmax is not listed": (
        "union((self.scores, self.of_moved)) | {Taken.of(self.of)}", "union((self.scores, self.of_moved))", still),
    "mean value: the way is not checked": (
        "return self.of_speed, self.flow, self.scores, self.of_moved", "return self.of_speed, self.flow, self.scores",
        lambda b: Forged(mean_value(b, moved=number(5), of_moved=b.Fact("far",
        (S[j] - S2[j]) ** 2 - 25, (j,), b.Certificate())), **WORLD)),
    "mean value: scores are not checked": (
        "return self.of_speed, self.flow, self.scores, self.of_moved", "return self.of_speed, self.flow, self.of_moved",
        lambda b: Forged(mean_value(b, value=ZERO, scores=b.Fact("no scores",
        -1 * (X0[j] - X1[j]) ** 2, (j,), b.Certificate())), **WORLD)),
    # slope
    "slope: any fact is the premise": ("self.flow.positive == self.bound - (self.w * derivative).sum(over)", "True",
        lambda b: Forged(slope(b, bound=ZERO, flow=one(b)), **WORLD)),
    "slope: the bound depends on s": ("need(of.s not in letters(self.bound),", "need(True,",
        lambda b: Forged(slope(b, bound=number(Fraction(6, 5)) * (V0[j] * S2[j] * (V0[j] - (S2[i] * V0[i]).sum(i))).sum(j)), **WORLD)),
    "slope: w depends on s": ("need(of.s not in letters(self.w),", "need(True,",
        lambda b: Forged(slope(b, w=S2[j], bound=number(Fraction(11, 100))), **WORLD)),
    "slope: the scores depend on s": ("need(of.s not in letters(of.x, of.x2),", "need(True,",
        lambda b: Forged(slope(b, of=b.SoftmaxPair("softmax", S2, S, Fraction(22, 10) * S2[j], ZERO, (j,), j)), **WORLD)),
    "slope: s in a premise": ("Slope :: self.of.s not in taken.what.letters", "True", lambda b: Forged(slope(b, any=()), **WORLD)),
    "slope: softmax is not listed": ("return self.flow.rests | {Taken.of(self.of)}", "return self.flow.rests",
        lambda b: Forged(slope(b, of=b.SoftmaxPair("softmax", S2, S, X0[j], X0[j], (j,), j), bound=ZERO, why=b.Certificate(), any=()),
        WORLD["arrays"], WORLD["scalars"])),
    "slope: the flow is not listed": ("return self.flow.rests | {Taken.of(self.of)}", "return frozenset({Taken.of(self.of)})",
        lambda b: Forged(slope(b, w=ZERO, bound=MINUS, flow=wish(b)), **WORLD)),
    "slope: the flow is not checked": ("Slope :: return (self.flow,)", "return ()",
        lambda b: Forged(slope(b, w=ZERO, bound=MINUS, flow=below(b)), **WORLD)),
    # descent lemma
    "descent lemma: sign of L": ("nonnegative(self.L) and not self.course", "not self.course",
        lambda b: Forged(descent(b, number(-2), flat(b, number(-2))), **LINE)),
    "descent lemma: L moves": ("nonnegative(self.L) and not self.course.moving(letters(self.L))", "nonnegative(self.L)",
        lambda b: Forged(descent(b, scalar("nD"), b.Fact("so", scalar("nD") ** 2 * APART - TURNED, when="always")), **CUBIC)),
    "descent lemma: what does not move": ("(x, x2) in self.course.pairs and (g, g2) in self.course.pairs", "True",
        lambda b: Forged(descent(b, LIP, b.Fact("Lipschitz", LIPSCHITZ), steps=(), pairs=(("pf", "pf2"),)), **CUBIC)),
    "descent lemma: any premise": ("self.premise.positive == self.L**2 * apart - turned", "True",
        lambda b: Forged(descent(b, LIP, one(b)), **CUBIC)),
    "descent lemma: L is not squared": ("== self.L**2 * apart", "== self.L * apart", half_bowl),
    "descent lemma: against the gradient": ("+ along +", "- along +", lambda b: Forged(descent(b, ZERO, flat(b, ZERO), -1), **LINE)),
    "descent lemma: any condition": ('taken.when == "" and isinstance(taken.what, Fact) and self._ball(taken.what, conditions)', "True",
        lambda b: Forged(cubic(b), **CUBIC)),
    "descent lemma: at other points": (
        'if taken.when == "always" or constant(self.course, taken):', "if taken.when or constant(self.course, taken):",
        lambda b: Forged(cubic(b, when="next"), **CUBIC, second="next")),
    "descent lemma: a radius that moves": ("if not self.course.moving(letters(fact.positive + square)):",
                                          "if fact.positive + square - same in conditions:", no_constant_radius),
    "descent lemma: one ball": ("return fact.positive + square - same in conditions", "return True", one_ball),
    "descent lemma: the gradient is not listed": (
        "self.premise.rests | {Taken.of(self.of), Taken.of(self.course)}", "self.premise.rests | {Taken.of(self.course)}",
        lambda b: Forged(descent(b, ZERO, flat(b, ZERO)), LINE["arrays"], {"pf": 0, "pf2": 9}, granted=("descent",))),
    "descent lemma: the premise is not listed": (
        "self.premise.rests | {Taken.of(self.of), Taken.of(self.course)}", "frozenset((Taken.of(self.of), Taken.of(self.course)))",
        lambda b: Forged(cubic(b, when="always"), **BOWL)),
    "descent lemma: the premise is not checked": ("DescentLemma :: return (self.premise,)", "return ()",
        lambda b: Forged(cubic(b, why=b.Certificate()), **BOWL)),
    # steps
    "steps: c moves": ('need(not self.course.moving(letters(self.c)), "steps', 'need(True, "steps', lambda b: Forged(way(b, c=h), **FAR)),
    "steps: any premise": (
        "self.premise.positive == bound - (g[self.at] ** 2).sum(*self.over)", "True", lambda b: Forged(way(b, one(b)), **FAR)),
    "steps: the bound is not squared": ("(self.c * scalar(self.course.power)) ** 2", "self.c * scalar(self.course.power)", root_of_steps),
    "steps: at this step only": (
        'Steps :: (taken.when == "" and constant(self.course, taken))', 'taken.when == ""',
        lambda b: Forged(way(b), **FAR)),
    "steps: not at every step": ('found.add(Taken.of(taken.what, "before"))', "found.add(taken)", lambda b: Forged(way(b), **FAR)),
    "steps: from any point": ('{Taken.of(self.course, "start")}', "{Taken.of(self.course)}",
        lambda b: Forged(way(b), {"px": [0], "px2": [-1], "pg": [1]}, AFTER | {"geo": 0}, "next", (), ("descent",))),
    "steps: the rate is left out": ("scalar(self.course.rate) * self.c * scalar(self.course.total)", "self.c * scalar(self.course.total)",
        lambda b: forged_way(b, ALPHA * TOTAL, 1, eta=4)),
    "steps: one step for all": ("self.c * scalar(self.course.total)", "self.c * scalar(self.course.power)",
        lambda b: forged_way(b, ETA * ALPHA * POWER, 2, geo=2)),
    "steps: the premise is not listed": (
        'frozenset(found) | {Taken.of(self.course, "start")}', 'frozenset((Taken.of(self.course, "start"),))',
        lambda b: Forged(way(b), **FAR)),
    "steps: the premise is not checked": ("Steps :: return (self.premise,)", "return ()",
        lambda b: Forged(way(b, small(b, why=b.Certificate())), **FAR)),
    "steps: letters of a step do not move": ("return self.elsewhere | self.stepped |", "return self.elsewhere |",
        lambda b: Forged(way(b, pairs=()), **FAR)),
    "substitute: declarations do not tie": (
        "if tensor in taken.what.letters", "if taken.what.content[0] != 'course' and tensor in taken.what.letters", twice_as_far),
    # induction
    "induction: for every vector": (
        """claim.why is None and claim.when == "" and not claim.any""", """claim.why is None and claim.when == "" """, for_every_vector),
    "induction: reached for every vector": (
        " and not what.any and what.positive == positive", " and what.positive == positive", reached_for_every_vector),
    "induction: any start": (
        "part.start.positive == self.course.at_start(claim.positive)", "True", lambda b: seven(induction(b, one(b)))),
    "induction: any step": ("need(\n                    part.step.positive == following,", "need(\n                    True,",
        lambda b: seven(induction(b, step=one(b)), "start")),
    "induction: from itself": ("+ [Taken.of(fact) for fact in earlier]", "+ [Taken.of(fact) for fact in every]",
        lambda b: seven(induction(b, step=says(b)), "start")),
    "induction: from itself at the next step": (
        "at_next(fact.positive) for fact in earlier}", "at_next(fact.positive) for fact in every}",
        lambda b: seven(induction(b, step=b.Fact("P at the next step", 5 - f2)), "start")),
    "induction: what is so at one step": ('need(fits, f"induction', 'need(True, f"induction', at_another),
    "induction: the start at the next step": (
        'self._take(part.step.rests, "next", allowed, found)', 'self._take(part.step.rests, "start", allowed, found)', from_the_start),
    "induction: any second point": ("if taken.when == point:", 'if taken.when in ("start", "next"):', from_the_start),
    "induction: the next step at the start": (
        'self._take(part.start.rests, "start", (), found)', 'self._take(part.start.rests, "next", (), found)', from_the_next),
    "induction: a step back from anything": ('self._take(part.step.rests, "start", allowed, found)', "pass",
        lambda b: seven(induction(b, step=says(b)), "start")),
    "induction: the start is not listed": ('found.add(Taken.of(taken.what, "course"))', "pass", lambda b: seven(induction(b))),
    "induction: constants are not listed": ("Induction :: found.add(taken)", "pass",
        lambda b: seven(induction(b, wish(b), wish(b), says(b, MINUS)))),
    "induction: the course is not listed": ("frozenset(found) | {Taken.of(self.course)}", "frozenset(found)",
        lambda b: Forged(induction(b), {}, {"pf": 7}, granted=("start", "kept"))),
    "induction: the step is not checked": ("for fact in (part.start, part.step))", "for fact in (part.start,))",
        lambda b: seven(induction(b, step=b.Fact("step", 5 - f2, (), b.Certificate())), "start")),
    "induction: the start is not checked": ("for fact in (part.start, part.step))", "for fact in (part.step,))",
        lambda b: seven(induction(b, b.Fact("start", 5 - f2, (), b.Certificate())))),
    "induction: r^t stays": ("scalar(self.ratio) * power", "power",
        lambda b: in_time(b, POWER * DELTA0 - f, DELTA0 - f2, POWER * DELTA0 - f2, rrt=HALF, rr=HALF, Delta0=1, pf=1)),
    "induction: the sum stays": ("total + power", "total", lambda b: in_time(b, f - TOTAL, f2, f2 - TOTAL, pf=0, pf2=0)),
    "induction: r^0 is 2": ("self.power: number(1)", "self.power: number(2)",
        lambda b: in_time(b, POWER * DELTA0 - f, 2 * DELTA0 - f2, RATIO * POWER * DELTA0 - f2, Delta0=1, pf=2)),
    "induction: the empty sum is 1": ("self.total: number(0)", "self.total: number(1)",
        lambda b: in_time(b, TOTAL * DELTA0 - f, DELTA0 - f2, (TOTAL + POWER) * DELTA0 - f2, geo=0, Delta0=1, pf=1)),
    "induction: a statement on two points": ("if not self.here(letters(expr)):", "if False:",
        lambda b: seven(induction(b, at_start(b), at_start(b), says(b, 5 - f2)), "start")),
    # exponential
    "exponential: any premise": ("self.premise.positive == wanted", "True", lambda b: Forged(exponential(b, one(b)), **EXP)),
    "exponential: the other way": ("return 1 - scalar(of.power) * of.of", "return scalar(of.power) * of.of - 1",
        lambda b: Forged(
            exponential(b, positive=scalar("qT") * DELTA0 - 1), {}, EXP["scalars"] | {"Delta0": 1, "lX": 0}, granted=("exp",))),
    "exponential: what it is is not listed": ("self.premise.rests | {Taken.of(self.of)}", "self.premise.rests",
        lambda b: Forged(exponential(b), {}, EXP["scalars"] | {"lX": 0, "Delta0": 9})),
    "exponential: the premise is not listed": ("self.premise.rests | {Taken.of(self.of)}", "frozenset((Taken.of(self.of),))",
        lambda b: Forged(exponential(b), **EXP)),
    "exponential: the premise is not checked": ("Logarithm :: return (self.premise,)", "return ()",
        lambda b: Forged(exponential(b, b.Fact("long", scalar("T") * scalar("lq") - scalar("lX"), (), b.Certificate())), **EXP)),
}  # fmt: skip
