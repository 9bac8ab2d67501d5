"""Only presentation MathML enters the page, whatever the record holds."""

from __future__ import annotations

import pytest
import sample
from latex2mathml.converter import convert
from markupsafe import Markup

import reports
from reports.mathml import Refused, equation, sanitise
from verify.record import Equation, Pairs, Table

LATEX = [
    r"\frac{a}{b} \sqrt{x} \sqrt[3]{y} \hat{a}_k \bar{Z}^\top",
    r"\sum_{k=1}^{K} \left\|\bar Z\delta_k\right\|_2^2 \le \max_{i\in[N]} \|z_i\|",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \quad \text{if } x < y",
    r"\underbrace{a + b}_{c} \mathbb{E}\big[\boldsymbol{Q}\big] \overline{x} \color{red} y",
]
ATTACKS = [
    "<math><mi onclick='alert(1)'>x</mi></math>",
    "<math><script>alert(1)</script></math>",
    "<math><mi>x</mi></math><script>alert(1)</script>",
    "<math><mtext><img src='x' onerror='alert(1)'/></mtext></math>",
    "<math><annotation-xml encoding='text/html'><b>x</b></annotation-xml></math>",
    "<math href='javascript:alert(1)'><mi>x</mi></math>",
    "<math xmlns:xlink='http://www.w3.org/1999/xlink'><mi xlink:href='http://example.org'>x</mi></math>",
    "<math><mi style='background:url(http://example.org)'>x</mi></math>",
    "<math><mstyle mathcolor='&quot;&gt;&lt;script&gt;'><mi>x</mi></mstyle></math>",
    "<math><maction actiontype='statusline'><mi>x</mi></maction></math>",
    "<svg xmlns='http://www.w3.org/2000/svg'><a/></svg>",
    "<math><svg:a xmlns:svg='http://www.w3.org/2000/svg'/></math>",
    "<math><mglyph src='http://example.org/x.png'/></math>",
    "<!DOCTYPE math [<!ENTITY a 'aaaa'>]><math><mi>&a;</mi></math>",
    "<math><mi>x</math>",
    "<math><math><mi>x</mi></math></math>",
    "<math>loose<mi>x</mi></math>",
    "</div><p>out",
    "",
    "<math>" + "<mrow>" * 3000 + "</mrow>" * 3000 + "</math>",
]


@pytest.mark.parametrize("latex", LATEX)
@pytest.mark.parametrize("display", ["block", "inline"])
def test_real_equations_pass(latex: str, display: str) -> None:
    shown = sanitise(convert(latex, display=display))
    assert shown.startswith('<math display="block">')
    assert "xmlns" not in shown
    assert "refused" not in equation(latex, convert(latex))


@pytest.mark.parametrize("mathml", ATTACKS)
def test_anything_else_is_refused_and_shown_as_latex(mathml: str) -> None:
    with pytest.raises(Refused):
        sanitise(mathml)
    shown = equation("x < y", mathml)
    assert isinstance(shown, Markup)
    assert '<code class="latex">x &lt; y</code>' in shown
    assert "stored MathML refused" in shown
    for bad in ("<script", "<img", "alert", "http", "<p>", "<svg"):
        assert bad not in shown


def test_text_in_mathml_stays_text() -> None:
    shown = sanitise("<math><mtext>&lt;script&gt;alert(1)&lt;/script&gt;</mtext></math>")
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_a_tampered_record_cannot_inject() -> None:
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    record = sample.record()
    claim = record.claims[1]
    evidence = claim.evidence[0].model_copy(
        update={
            "statement": bad,
            "steps": [bad],
            "figures": {bad: bad},
            "budget": bad,
            "check": bad,
            "witness": claim.witness.model_copy(
                update={"summary": bad, "values": {bad: bad}, "lhs": bad, "rhs": bad}
            ),
        }
    )
    hostile = claim.model_copy(
        update={
            "id": bad,
            "title": bad,
            "source": bad,
            "reading": bad,
            "reason": bad,
            "command": bad,
            "contradiction": bad,
            "aliases": [bad],
            "assumptions": [bad],
            "evidence": [evidence],
            "statement": [Equation(latex=bad, mathml=ATTACKS[0]), Equation(latex=bad, mathml=ATTACKS[2])],
        }
    )
    assumption = record.assumptions[3].model_copy(update={"offenders": [bad], "finding": bad, "id": bad})
    spectrum, predictor = record.panels
    scatter = predictor.scatters[0].model_copy(update={"groups": {bad: Pairs(x=[1.0, 2.0], y=[1.0, 2.0])}})
    table = Table(caption=bad, columns=[bad], rows=[[bad]], note=bad)
    columns = spectrum.columns[0].model_copy(
        update={"values": {bad: [[1.0]]}, "across": bad, "floors": {bad: 1.0}}
    )
    page = reports.html(
        record.model_copy(
            update={
                "headline": bad,
                "warnings": [bad],
                "claims": [hostile],
                "assumptions": [assumption],
                "constants": [
                    record.constants[0].model_copy(
                        update={"symbol": bad + "_<b>", "name": bad, "lower": bad, "upper": bad}
                    )
                ],
                "panels": [
                    predictor.model_copy(update={"scatters": [scatter], "tables": [table], "title": bad}),
                    spectrum.model_copy(update={"columns": [columns], "finding": bad, "figures": {bad: bad}}),
                ],
                "labels": {"rate_guaranteed": bad},
                "training": record.training.model_copy(
                    update={
                        "reason": bad,
                        "curves": record.training.curves.model_copy(update={"y": {bad: [1.0] * 9}}),
                    }
                ),
                "instance": record.instance.model_copy(update={"name": bad, "facts": {bad: bad}}),
                "provenance": record.provenance.model_copy(
                    update={"commit": bad, "packages": {bad: bad}, "seconds_by_stage": {bad: 1.0}}
                ),
            }
        )
    )
    assert page.count("<script") == 1  # our own
    assert "<img" not in page
    assert page.count("&lt;script&gt;") > 30
