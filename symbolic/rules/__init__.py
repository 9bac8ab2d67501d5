"""Rules of analysis: each computes its conclusion from its premises, and from what is declared of letters.

  supply         F where H, and H  ⊢  F
  extreme        n is the least number with n S ≥ T for every x; c S ≥ T for every x  ⊢  c ≥ n
  mean value     ‖D softmax · ξ‖₁ ≤ c wherever |ξ_j| ≤ c, and |x_j − x′_j| ≤ c  ⊢  ‖softmax(x) − softmax(x′)‖₁ ≤ c
  slope          Σ_j w_j (D softmax · (x − x′))_j ≤ c for every softmax  ⊢  Σ_j w_j (softmax(x) − softmax(x′))_j ≤ c
  descent lemma  ‖∇f(ξ) − ∇f(ξ′)‖² ≤ L²‖ξ − ξ′‖² on a convex set  ⊢  f′ ≤ f + ⟨∇f, ξ′ − ξ⟩ + (L/2)‖ξ′ − ξ‖² there
  steps          ‖g^(s)‖ ≤ c r^s at every step s < t  ⊢  ‖x^(t) − x^(0)‖ ≤ η c Σ_{s<t} r^s
  induction      P_1, …, P_n at the start, and from all earlier steps at the next one  ⊢  P_i at every step
  exponential    T log(1/q) ≥ log max{1, X}  ⊢  q^T X ≤ 1

Supply, mean value and induction discharge hypotheses: by their content, and no others.
"""

from __future__ import annotations

from symbolic.course import Course, Exponential, Gradient, SoftmaxPair
from symbolic.rules.descent import HALF as HALF
from symbolic.rules.descent import DescentLemma as DescentLemma
from symbolic.rules.descent import Steps as Steps
from symbolic.rules.hypotheses import Supply as Supply
from symbolic.rules.induction import Induction as Induction
from symbolic.rules.induction import Part as Part
from symbolic.rules.numbers import Extreme as Extreme
from symbolic.rules.numbers import Logarithm as Logarithm
from symbolic.rules.softmax import MeanValue as MeanValue
from symbolic.rules.softmax import Slope as Slope

RULES = (Supply, Extreme, MeanValue, Slope, DescentLemma, Steps, Induction, Logarithm)
NAMES = {
    "Substitute": "substitution", "CauchySchwarz": "Cauchy–Schwarz", "Root": "root", "Supply": "supply",
    "Extreme": "least or greatest number", "MeanValue": "mean value theorem",
    "Slope": "mean value theorem along a vector", "DescentLemma": "descent lemma", "Steps": "triangle inequality over steps",
    "Induction": "induction over steps", "Logarithm": "exponential",
}  # fmt: skip


def declarations(rule: object) -> tuple[SoftmaxPair | Gradient | Course | Exponential, ...]:
    """What a rule takes to be declared of letters."""
    match rule:
        case MeanValue(of=of) | Slope(of=of) | Logarithm(of=of):
            return (of,)
        case DescentLemma(course=course, of=of):
            return course, of
        case Steps(course=course) | Induction(course=course):
            return (course,)
    return ()
