r"""LaTeX that compiles, from any text and any formula of a record: text is escaped, formulas are read and written anew.

A formula is taken where it is made of known commands alone, each with its arguments, and every group and environment is closed;
otherwise `formula` refuses, and its source shows as text. Nothing of a record can define, input or run anything.
"""

from __future__ import annotations

import re
import unicodedata

INDEXED = re.compile(r"(?<!\w)([^\W\d_])_(\w)(?!\w)")  # a letter with an index, in prose
TOKEN = re.compile(r"\\([A-Za-z]+|.)|(\s+)|(.)", re.S)
ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": "$<$", ">": "$>$", "|": "$|$", '"': "''", "`": "'",
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}", "§": r"\S{}",
    "ß": r"\ss{}", "æ": r"\ae{}", "ø": r"\o{}", "Ł": r"\L{}", "ł": r"\l{}", "\u200b": "{}",
}  # fmt: skip
SYMBOLS = {
    "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "±": r"\pm", "×": r"\times", "÷": r"\div", "·": r"\cdot",
    "∞": r"\infty", "→": r"\to", "↦": r"\mapsto", "⇒": r"\Rightarrow", "⪰": r"\succeq", "⪯": r"\preceq", "√": r"\surd",
    "∂": r"\partial", "∇": r"\nabla", "∫": r"\int", "∑": r"\sum", "∏": r"\prod", "∝": r"\propto", "∈": r"\in", "∉": r"\notin",
    "ℓ": r"\ell", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "−": "-", "′": r"\prime", "⊤": r"\top", "ᵀ": r"{}^{\top}", "½": r"\tfrac12",
    "∼": r"\sim", "⋆": r"\star", "†": r"\dagger", "∀": r"\forall", "∃": r"\exists", "∘": r"\circ", "⊂": r"\subset", "⊆": r"\subseteq",
    "∖": r"\setminus", "µ": r"\mu", "°": r"{}^{\circ}", "¯": "{}",
}  # fmt: skip
GREEK, CAPITALS = (
    frozenset(names.split(" "))
    for names in (
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega",
        "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
    )
)
ACCENTS = {"\u0302": ("^", "hat"), "\u0304": ("=", "bar"), "\u0303": ("~", "tilde"), "\u0301": ("'", "acute"), "\u0300": ("`", "grave"),
           "\u0308": ('"', "ddot"), "\u0307": (".", "dot")}  # fmt: skip
PLAIN = frozenset(  # commands without arguments
    name
    for line in (
        r"tau alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma upsilon phi varphi",
        r"chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell partial nabla infty top bot star dagger prime",
        r"sum prod int log exp max min sup inf arg det dim Pr forall exists emptyset colon mid perp ast div ldots cdots dots vdots ddots",
        r"le leq ge geq ne neq lt gt ll gg in notin sim simeq approx equiv propto succ succeq prec preceq subset subseteq to mapsto iff",
        r"implies Longrightarrow Rightarrow Leftrightarrow rightarrow leftarrow times cdot pm mp circ cup cap odot otimes oplus setminus",
        r"langle rangle lVert rVert Vert lvert rvert vert lfloor rfloor lceil rceil quad qquad | , ; : ! { }",
    )
    for name in line.split(" ")
) | {" "}
TAKES = {  # how many arguments
    "frac": 2, "tfrac": 2, "dfrac": 2, "sqrt": 1, "hat": 1, "widehat": 1, "bar": 1, "overline": 1, "tilde": 1, "widetilde": 1, "vec": 1,
    "dot": 1, "mathcal": 1, "mathbb": 1, "mathrm": 1, "mathbf": 1, "mathit": 1, "mathsf": 1, "boldsymbol": 1, "overset": 2,
    "underset": 2, "underbrace": 1, "binom": 2,
}  # fmt: skip
WORDS = frozenset(["text", "operatorname", "textrm"])
SIZES = frozenset(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
IGNORED = frozenset(["displaystyle", "textstyle", "limits", "nolimits"])
TABLES = frozenset(["pmatrix", "bmatrix", "vmatrix", "matrix", "cases", "aligned"])
DELIMITERS = frozenset(["(", ")", "[", "]", "|", ".", "/"])
NAMED_DELIMITERS = frozenset(
    [
        "{",
        "}",
        "|",
        "langle",
        "rangle",
        "lVert",
        "rVert",
        "Vert",
        "lvert",
        "rvert",
        "vert",
        "lfloor",
        "rfloor",
        "lceil",
        "rceil",
    ]
)
SCRIPTS = ((False, "^"), (False, "_"), (False, "'"))
DEEPEST = 40
SENTENCE = 30  # characters of text in a formula that may have line breaks between its words
WIDE = 110  # characters of an argument that may be wider than a line


def text(value: str) -> str:
    r"""The text as LaTeX that shows it, in one line.

    >>> text("50 % of ζ_0 ≤ x̂")
    '50 \\% of $\\zeta_{0}$ $\\leq$ \\^{x}'
    """
    line, found, at = " ".join(value.split()), "", 0
    for letter in INDEXED.finditer(line):
        base, index = (_characters(part, in_math=True) for part in letter.groups())
        found += _characters(line[at : letter.start()], in_math=False) + f"${base}_{{{index}}}$"
        at = letter.end()
    return found + _characters(line[at:], in_math=False)


def _characters(value: str, in_math: bool) -> str:
    found: list[str] = []
    composed = unicodedata.normalize("NFC", value.replace("--", "-\u200b-"))
    for c in "".join(c if c in SYMBOLS else unicodedata.normalize("NFD", c) for c in composed):
        if c in ACCENTS and found:
            found[-1] = _accented(found[-1], *ACCENTS[c], in_math)
        elif c in ESCAPED and not in_math:
            found.append(ESCAPED[c])
        elif " " <= c < "\x7f":
            found.append(c)
        else:
            known = _symbol(c)
            shown = known or rf"\texttt{{U+{ord(c):04X}}}"
            found.append(shown if in_math or not known else f"${shown}$")
    return "".join(found)


def _accented(base: str, mark: str, name: str, in_math: bool) -> str:
    if in_math:
        return rf"\{name}{{{base}}}"
    if base.startswith("$"):
        return rf"$\{name}{{{base.strip('$')}}}$"
    return rf"\{mark}{{{base}}}" if base.isalpha() else base


def _symbol(c: str) -> str:
    """The command of a character in math mode; empty where there is none."""
    if c in SYMBOLS:
        return SYMBOLS[c]
    name = unicodedata.name(c, "")
    words = name.split()
    if name.startswith("GREEK ") and len(words) == 4:
        letter = words[3].lower().replace("lamda", "lambda")  # as Unicode spells the name
        if words[1] == "SMALL" and letter in GREEK:
            return "o" if letter == "omicron" else rf"\{letter}"
        if words[1] == "CAPITAL" and letter.capitalize() in CAPITALS:
            return rf"\{letter.capitalize()}"
    plain = unicodedata.normalize("NFKC", c).replace("−", "-")
    if len(plain) == 1 and (plain.isalnum() or plain in "+-=()") and plain.isascii():
        kind = unicodedata.decomposition(c).split(" ")[0]
        for marked, shown in (("<super>", "{{}}^{{{}}}"), ("<sub>", "{{}}_{{{}}}")):
            if kind == marked:
                return shown.format(plain)
        script = (
            r"\mathcal"
            if "SCRIPT" in name and plain.isupper()
            else r"\mathbb"
            if "DOUBLE-STRUCK" in name and plain.isupper()
            else ""
        )
        return f"{script}{{{plain}}}"
    return ""


class Refused(ValueError):
    """The source is no formula of known commands; the message says what was found."""


def formula(source: str, *, breakable: bool = False) -> str:
    r"""The formula, written anew from commands that are known. With `breakable`, parentheses do not grow, so that TeX may break lines in
    them. Raises Refused.

    >>> formula(r"\frac12 x_i^2 \le \tau")
    '\\frac{1}{2} x^{2}_{i} \\le \\tau'
    """
    return _Reader(source, breakable).whole()


class _Reader:
    def __init__(self, source: str, breakable: bool) -> None:
        self.tokens = [(m[1] is not None, m[1] or (" " if m[2] else m[3])) for m in TOKEN.finditer(source)]
        if source.endswith("\\") and not source.endswith("\\\\"):
            raise Refused("a backslash at the end")
        self.at, self.breakable = 0, breakable

    def whole(self) -> str:
        found = self.atoms(0, ())
        if self.peek()[1]:
            raise Refused(f"{self.tokens[self.at][1]} without a beginning")
        return found

    def peek(self) -> tuple[bool, str]:
        while self.tokens[self.at : self.at + 1] == [(False, " ")]:
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else (False, "")

    def next(self) -> tuple[bool, str]:
        found = self.peek()
        if not found[1]:
            raise Refused("an end too early")
        self.at += 1
        return found

    def atoms(self, depth: int, table: tuple[str, ...]) -> str:
        """Atoms up to what closes the group; `table` has what separates cells."""
        if depth > DEEPEST:
            raise Refused("nesting too deep")
        found: list[str] = []
        while self.peek()[1]:
            command, word = self.peek()
            if (command and word in ("right", "end")) or (not command and word == "}"):
                break
            if (not command and word == "&") or (command and word == "\\"):
                if not table:
                    raise Refused(f"{word} outside a table")
                self.at += 1
                found.append("&" if word == "&" else r"\\")
                continue
            atom, scripts = self.atom(depth), self.scripts(depth)
            while self.peek() in SCRIPTS:  # the power of a letter that has a superscript of its own
                atom, scripts = f"{{{atom}{scripts}}}", self.scripts(depth)
            bare = self.breakable and not scripts and atom.startswith("{") and len(atom) > WIDE
            found.append(atom[1:-1] if bare else atom + scripts)
        return " ".join(part for part in found if part)

    def scripts(self, depth: int) -> str:
        """Primes, one subscript and one superscript."""
        found: dict[str, str] = {}
        primes = ""
        while (
            (ahead := self.peek()) in SCRIPTS
            and ahead[1] not in found
            and not (ahead[1] == "'" and "^" in found)
        ):
            self.at += 1
            if ahead[1] == "'":
                primes += "'"
            else:
                found[ahead[1]] = self.argument(depth)
        return primes + "".join(sign + found[sign] for sign in "^_" if sign in found)

    def argument(self, depth: int) -> str:
        """One group, or one atom, in braces."""
        if self.peek() == (False, "{"):
            return self.group(depth)
        if self.peek()[1] in ("^", "_", "'", "}", "&") and not self.peek()[0]:
            raise Refused("an argument that is missing")
        return f"{{{self.atom(depth)}}}"

    def group(self, depth: int) -> str:
        self.expect("{")
        inner = self.atoms(depth + 1, ())
        self.expect("}")
        return f"{{{inner}}}"

    def expect(self, sign: str) -> None:
        if self.next() != (False, sign):
            raise Refused(f"no {sign}")

    def word(self) -> str:
        """The characters of a group that is read as text."""
        self.expect("{")
        found = ""
        while (ahead := self.tokens[self.at : self.at + 1]) != [(False, "}")]:
            if not ahead:
                raise Refused("an end too early")
            ((command, word),) = ahead
            self.at += 1
            if (command and word not in (" ", ",", "_", "%", "&")) or word in ("{", "$"):
                raise Refused("a command within text")
            found += " " if command and word == "," else word
        self.at += 1
        return found

    def atom(self, depth: int) -> str:
        command, word = self.next()
        if not command:
            if word == "{":
                self.at -= 1
                return self.group(depth)
            if word in ("^", "_", "'"):
                self.at -= 1
                return "{}"
            if word in '$%#&~\\"`' or not word.isprintable():
                raise Refused(f"the character {word!r}")
            return _characters(word, in_math=True)
        if word in PLAIN:
            return "\\" + word
        if word in IGNORED:
            return ""
        if word in TAKES:
            if word == "sqrt" and self.peek() == (False, "["):
                raise Refused("a root with an index")
            return self.applied(word, [self.argument(depth + 1) for _ in range(TAKES[word])])
        if word in WORDS:
            said = text_within(self.word())
            parts = said.split(" ") if self.breakable and word == "text" and len(said) > SENTENCE else [said]
            return r"\allowbreak\ ".join(f"\\{word}{{{part}}}" for part in parts)
        if word in SIZES:
            return f"\\{word}{self.delimiter()}"
        if word == "left":
            return self.fenced(depth)
        if word == "begin":
            return self.table(depth)
        raise Refused(f"the command {word}")

    def applied(self, word: str, arguments: list[str]) -> str:
        """The command with its arguments; a long fraction or root in parentheses, where lines may break."""
        if not (self.breakable and max(map(len, arguments)) > WIDE):
            return f"\\{word}{''.join(arguments)}"
        inner = [rf"\biggl( {argument[1:-1]} \biggr)" for argument in arguments]
        if word.endswith("frac"):
            return rf"\biggl( {inner[0]} \big/ {inner[1]} \biggr)"
        return rf"\biggl( {inner[0]}^{{1/2}} \biggr)" if word == "sqrt" else f"\\{word}{''.join(arguments)}"

    def delimiter(self) -> str:
        command, word = self.next()
        if word not in (NAMED_DELIMITERS if command else DELIMITERS):
            raise Refused(f"the delimiter {word}")
        return f"\\{word}" if command else word

    def fenced(self, depth: int) -> str:
        opening = self.delimiter()
        inner = self.atoms(depth + 1, ())
        if self.next() != (True, "right"):
            raise Refused("left without right")
        closing = self.delimiter()
        if self.breakable:
            return " ".join(part for part in (_grown("l", opening), inner, _grown("r", closing)) if part)
        return rf"\left{opening} {inner} \right{closing}"

    def table(self, depth: int) -> str:
        name = self.word()
        if name not in TABLES:
            raise Refused(f"the environment {name}")
        inner = self.atoms(depth + 1, ("&", "\\"))
        if self.next() != (True, "end") or self.word() != name:
            raise Refused(f"no end of {name}")
        if name != "aligned" and max(row.count("&") for row in inner.split(r"\\")) > 9:
            raise Refused("more than ten columns")
        return rf"\begin{{{name}}} {inner} \end{{{name}}}"


def _grown(side: str, delimiter: str) -> str:
    return "" if delimiter == "." else rf"\bigg{side}{delimiter}"


def text_within(value: str) -> str:
    """Text within a formula; its spaces at both ends stay."""
    ends = [" " if value[:1].isspace() else "", " " if value[-1:].isspace() and value.strip() else ""]
    return ends[0] + text(value) + ends[1]
