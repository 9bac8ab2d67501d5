"""`export`: a record as LaTeX that compiles, as Markdown and as PDF; what a hostile record cannot do."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from tests.cli.conftest import make_record
from verify.cli import main
from verify.commands import exporting
from verify.output.appendix import appendix
from verify.output.mathematics import written
from verify.output.tex import Refused, formula, text
from verify.record import Equation, Record, Witness
from verify.theories.named import find

HOSTILE = "\x1b]0;x\x07\\input{/etc/passwd}$x^$ %\n# <script>alert(1)</script> | `@me` ^^5c & ~ ☃ θ̂ ᵀ"
WITNESS = Witness(
    summary="at N = 1 the left side is 2", values={"Z_1": "[(3/4)]", "τ": "1"}, lhs="2", rhs="1",
    method="exact rational arithmetic", exact=True,
)  # fmt: skip


def changed(**changes: Any) -> Record:
    record = make_record()
    return record.model_copy(update={"claims": [record.claims[0].model_copy(update=changes)]})


FAILING = {
    "verdict": "fails",
    "strength": None,
    "refutation": "exact witness",
    "failure": "false",
    "witness": WITNESS,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    changed(**FAILING, given=["(18)"], aliases=["eq-36"]).save("r.json")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"x = y", "x = y"),
        (r"\frac12 x_i^2\le\tau", r"\frac{1}{2} x^{2}_{i} \le \tau"),
        (r"b^{h}_{jk}^{2}", r"{b^{h}_{j k}}^{2}"),
        (r"x^2'", r"{x^{2}}'"),
        (r"x'_i", "x'_{i}"),
        (r"\left\{ a \right.", r"\left\{ a \right."),
        (r"\begin{pmatrix}1&x\\0&1\end{pmatrix}", r"\begin{pmatrix} 1 & x \\ 0 & 1 \end{pmatrix}"),
        (r"\text{ for every }K", r"\text{ for every } K"),
        ("τ ≤ Ẑ", r"\tau \leq \hat{Z}"),
    ],
)
def test_formulas_are_written_anew(source: str, expected: str) -> None:
    assert formula(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        r"\input{x}", r"\write18{x}", r"\def\x{}", r"\csname x\endcsname", r"\catcode`\$=1", "$", "%", "#", "^^5c", "~",
        "{", "}", "x^", r"\frac{1}", r"\sqrt", r"\left(", r"\right)", r"\left x \right y", "a & b", r"a \\ b", r"\begin{pmatrix}1",
        r"\begin{verbatim}\end{verbatim}", r"\begin{pmatrix}1\end{cases}", r"\text{$x$}", r"\text{\input{x}}", r"\text{", "\\", "\x1b",
        "{" * 200 + "}" * 200, r"\begin{pmatrix}" + "&" * 10 + r"\end{pmatrix}", r"\sqrt[3]{x}", r"\begin", r"\operatorname",
    ],
)  # fmt: skip
def test_what_is_no_known_formula_is_refused(source: str) -> None:
    with pytest.raises(Refused):
        formula(source)


def test_a_long_fraction_and_a_long_root_may_break() -> None:
    long = " + ".join(["x_{1}"] * 40)
    for source in (rf"\frac{{{long}}}{{2}}", rf"\sqrt{{{long}}}", rf"{{{long}}}"):
        assert rf"{{{long}}}" not in formula(source, breakable=True)
        assert rf"{{{long}}}" in formula(source)


def test_every_formula_of_the_paper_is_written_anew() -> None:
    record = find(None).reference()
    assert "U+" not in appendix(record, record.claims)
    for claim in record.claims:
        for equation in (*claim.statement, *claim.formal):
            assert formula(equation.latex, breakable=True)
            assert written(equation) != equation.latex or "\\" not in equation.latex, claim.id


def test_text_is_escaped() -> None:
    assert text(r"\a{b}$&#_%^~<>|") == (
        r"\textbackslash{}a\{b\}\$\&\#\_\%\textasciicircum{}\textasciitilde{}$<$$>$$|$"
    )
    assert text("a ≠ b -- c") == r"a $\neq$ b -\u200b- c".replace(r"\u200b", "{}")
    assert text("λ_k of a_bc, λ") == r"$\lambda_{k}$ of a\_bc, $\lambda$"
    assert text("ζ₀ ⪰ 𝓛, x̂ and θ̂ ☃") == (
        r"$\zeta$${}_{0}$ $\succeq$ $\mathcal{L}$, \^{x} and $\hat{\theta}$ \texttt{U+2603}"
    )


@pytest.mark.parametrize(
    ("mathml", "expected"),
    [
        ("<math><mfrac><mn>1</mn><mrow><mn>2</mn><mi>K</mi></mrow></mfrac><mi>x</mi></math>", "(1/(2K))x"),
        ("<math><msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt></math>", "√(x + 1)"),
        ("<math><msub><mi>ζ</mi><mn>0</mn></msub><msup><mi>Z</mi><mo>⊤</mo></msup></math>", "ζ₀Zᵀ"),
        ("<math><munder><mi>inf</mi><mi>θ</mi></munder><mi>x</mi></math>", "inf_θ x"),
        ("<math><mover><mi>A</mi><mo>^</mo></mover></math>", "Â"),
        ("<math><mrow></mrow><mi>x</mi></math>", "x"),
        ("<math/>", ""),
        ("<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>", "a/b"),
        ("<math><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>=</mo><mi>c</mi></math>", "a/b = c"),
        ("<math><script>x</script></math>", "LATEX"),
        ("<!DOCTYPE x><math/>", "LATEX"),
        ("<math>" + "<mrow>" * 200 + "</mrow>" * 200 + "</math>", "LATEX"),
        ("<math><mfrac><mn>1</mn></mfrac></math>", "LATEX"),
        ("no XML", "LATEX"),
    ],
)
def test_mathematics_in_one_line(mathml: str, expected: str) -> None:
    assert written(Equation(latex="LATEX", mathml=mathml)).replace("\u0302", "^") == expected.replace(
        "Â", "A^"
    )


def test_the_command_writes_each_kind(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "r.json", "--latex", "a.tex", "--markdown", "a.md", "--only", "eq-36"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "latex: a.tex"
    latex, markdown = (Path(name).read_text(encoding="utf-8") for name in ("a.tex", "a.md"))
    for part in (
        r"\textbf{fails} (exact witness)",
        "Witness (exact)",
        r"$Z_{1}$ $=$ [(3/4)]",
        "Taken without proof: (18)",
        "icl-verify run",
    ):
        assert part in latex
    for part in (
        "**fails, exact witness, false**",
        "  - `Z_1 = [(3/4)]`",
        "taken without proof: (18)",
        "`icl-verify run -",
    ):
        assert part in markdown
    assert main(["export", "r.json", "--markdown", "-"]) == 0
    printed = capsys.readouterr().out
    assert "- **Lemma 5** fails, exact witness, false: at N = 1 the left side is 2." in printed
    assert len(printed) < 1500


def test_a_missing_pdflatex_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "which", lambda name: None)
    assert main(["export", "r.json", "--latex", "a.tex"]) == 0
    assert capsys.readouterr().out == (
        "latex: a.tex\nto compile it: pdflatex is not installed here; Debian has it in texlive-latex-recommended\n"
    )


def test_a_missing_chromium_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "which", lambda name: None)
    assert main(["export", "r.json", "--pdf", "a.pdf"]) == 2
    assert capsys.readouterr().err == (
        "icl-verify: --pdf = a.pdf: needs Chromium, which prints the page, and none is installed; install chromium\n"
    )
    assert not Path("a.pdf").exists()


def test_a_chromium_that_writes_nothing_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "which", lambda name: "/bin/true")
    assert main(["export", "r.json", "--pdf", "a.pdf"]) == 2
    assert "and /bin/true wrote nothing" in capsys.readouterr().err
    assert not Path("a.pdf").exists()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("r.json",), "export = r.json: needs at least one kind of output"),
        (("gone.json", "--markdown", "-"), "RECORD = gone.json: needs a file that can be read"),
        (("r.json", "--markdown", "-", "--only", "lemma-55"), "--only = lemma-55: needs an id of a claim in this record; did you mean"),
        (("r.json", "--latex", "no/a.tex"), "--latex = no/a.tex: needs a file that can be written"),
        (("r.json", "--markdown", "no/a.md"), "--markdown = no/a.md: needs a file that can be written"),
        (("r.json", "--pdf", "no/a.pdf"), "--pdf = no/a.pdf: needs"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line(
    words: tuple[str, ...], part: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *words]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert part in printed.err


def hostile() -> Record:
    equation = Equation(latex=HOSTILE, mathml=HOSTILE)
    witness = WITNESS.model_copy(update={"summary": HOSTILE, "values": {HOSTILE: HOSTILE}, "lhs": HOSTILE})
    record = changed(
        **FAILING | {"witness": witness}, title=HOSTILE, source=HOSTILE, statement=[equation], formal=[equation, equation],
        given=[HOSTILE], assumptions=[HOSTILE], reason=HOSTILE, command=HOSTILE, main=True,
    )  # fmt: skip
    return record.model_copy(update={"theory": HOSTILE})


def test_a_hostile_record_is_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile().save("r.json")
    assert main(["export", "r.json", "--latex", "a.tex", "--markdown", "-"]) == 0
    latex, printed = Path("a.tex").read_text(encoding="utf-8"), capsys.readouterr().out
    assert r"\input{" not in latex
    assert "^^" not in latex
    outside = "".join(part for k, part in enumerate(printed.replace("``", "`").split("`")) if k % 2 == 0)
    assert "<script>" not in outside
    assert "\x1b" not in printed + latex


def compiled(source: str, folder: Path) -> str:
    """The log of pdflatex, which stops at the first error."""
    (folder / "a.tex").write_text(source, encoding="utf-8")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"]
    done = subprocess.run(words, cwd=folder, capture_output=True, timeout=100, check=False)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    return log


@pytest.mark.slow
@pytest.mark.skipif(which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_appendix_compiles(tmp_path: Path) -> None:
    record = find(None).reference()
    log = compiled(appendix(record, record.claims), tmp_path)
    assert "Overfull" not in log
    assert "Missing character" not in log
    compiled(appendix(hostile(), hostile().claims), tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not any(map(which, exporting.BROWSERS)), reason="Chromium is not installed")
def test_the_page_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "r.json", "--pdf", "a.pdf"]) == 0
    assert Path("a.pdf").read_bytes().startswith(b"%PDF")
