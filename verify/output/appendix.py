"""A record as a LaTeX document, to be compiled alone or to be pasted into a paper as an appendix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verify.output.answers import lines
from verify.output.tex import Refused, formula, text
from verify.record import ClaimRecord, Equation, Record, Witness

LONG = 90  # characters of LaTeX, beyond which lines may break within parentheses
HEAD = r"""\documentclass[11pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=25mm]{geometry}
\setcounter{secnumdepth}{1}
\emergencystretch=3em
\begin{document}
% What follows, up to the end of the document, may be pasted into a paper that loads amsmath and amssymb.
\appendix"""


def appendix(record: Record, claims: Sequence[ClaimRecord]) -> str:
    """The document: the answer, then each of the statements with verdict, formulas, witness, premises and command."""
    parts = [HEAD, r"\section{What is verified}"]
    parts += [rf"\noindent {text(record.theory)}\par\medskip"] if record.theory else []
    parts += [rf"\noindent {text(answer)}\par" for answer in lines(record)]
    if record.instance is not None:
        parts.append(rf"\noindent Instance: {text(record.instance.description or record.instance.name)}.\par")
    parts.append(
        rf"\noindent Made by icl-verify {text(record.provenance.version)}: {_command(record.provenance.command)}\par"
    )
    parts.append(r"\section{Statements}")
    for claim in claims:
        parts += _statement(claim)
    return "\n".join([*parts, r"\end{document}", ""])


def _statement(claim: ClaimRecord) -> Iterator[str]:
    yield rf"\subsection*{{{text(claim.source)}, {text(claim.form)}: {text(claim.title)}}}"
    known = f" ({text(claim.known)})" if claim.known else ""
    failure = f"; the text is {claim.failure}" if claim.failure else ""
    here = "" if claim.here == "not applicable" else f"; at the instance: {claim.here}"
    yield rf"\noindent\textbf{{{claim.verdict}}}{known}{failure}{here}\par"
    yield from map(_equation, claim.statement)
    if claim.formal and claim.formal != claim.statement:
        yield r"\noindent The formal reading, which the checks decide:\par"
        yield from map(_equation, claim.formal)
    if claim.witness is not None:
        yield from _witness(claim.witness)
    for noun, names in (("Taken without proof", claim.given), ("Assumes", claim.assumptions)):
        if names:
            yield rf"\noindent {noun}: {text('; '.join(names))}.\par"
    if claim.reason:
        yield rf"\noindent {text(claim.reason)}\par"
    yield rf"\noindent Repeat: {_command(claim.command)}\par"


def _equation(equation: Equation) -> str:
    """The formula, centred where it is short; its source as text where it is no formula of known commands."""
    source = equation.latex
    try:
        if len(source) <= LONG:
            return rf"\begin{{equation*}} {formula(source)} \end{{equation*}}"
        return rf"\begin{{quote}}\raggedright\small$\displaystyle {formula(source, breakable=True)}$\end{{quote}}"
    except Refused:
        return rf"\begin{{quote}}\raggedright\texttt{{{text(source)}}}\end{{quote}}"


def _witness(witness: Witness) -> Iterator[str]:
    arithmetic = "exact" if witness.exact else "enclosed"
    yield rf"\noindent Witness ({arithmetic}): {text(witness.summary)}.\par"
    shown = [*witness.values.items(), ("left side", witness.lhs), ("right side", witness.rhs)]
    items = [rf"\item[] {text(name)} $=$ {text(value)}" for name, value in shown if value is not None]
    if items:
        yield "\n".join([r"\begin{itemize}\raggedright\itemsep0pt", *items, r"\end{itemize}"])


def _command(command: str) -> str:
    return rf"\texttt{{{text(command)}}}"
