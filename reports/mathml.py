"""Stored MathML, checked element by element before it enters the page; what is refused shows as LaTeX."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup, escape

NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
ELEMENTS = frozenset(
    [
        "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "mfrac", "msqrt", "mroot", "msub",
        "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "none",
        "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose", "semantics",
    ]
)  # fmt: skip
ATTRIBUTES = frozenset(
    [
        "display", "displaystyle", "scriptlevel", "mathvariant", "mathcolor", "mathsize", "form",
        "fence", "separator", "stretchy", "symmetric", "largeop", "movablelimits", "accent",
        "accentunder", "minsize", "maxsize", "lspace", "rspace", "width", "height", "depth", "voffset",
        "linethickness", "linebreak", "columnalign", "rowalign", "columnspacing", "rowspacing",
        "columnlines", "rowlines", "columnspan", "rowspan", "notation", "alttext",
    ]
)  # fmt: skip
SILENT = frozenset(["alttext", "fence", "separator"])  # no browser draws them
TOKENS = frozenset(["mi", "mn", "mo", "mtext", "ms"])
VALUE = re.compile(r"[A-Za-z0-9 .,%#+\-]{0,80}")
DEEPEST = 120
# Sums in an equation of its own carry their limits below and above.
LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
BIG = frozenset("∑∏⋂⋃")
BRACKETS = {"prefix": "([{", "postfix": ")]}"}
HATS = frozenset("^\u02c6")


class Refused(ValueError):
    """The stored markup is not presentation MathML; the message says what was found."""


def sanitise(mathml: str, *, block: bool = True) -> Markup:
    """The same formula, rebuilt from allowed elements and attributes only.

    Raises Refused where anything else occurs: scripts, links, styles, HTML, entities, malformed XML.
    """
    if "<!" in mathml or "<?" in mathml:
        raise Refused("a declaration")
    try:
        root = ElementTree.fromstring(mathml)
    except (ElementTree.ParseError, ValueError) as error:
        raise Refused("not well-formed") from error
    if _name(root) != "math":
        raise Refused(f"element {_name(root)} where math is needed")
    inner = "".join(_element(child, block, 1) for child in root)
    if (root.text or "").strip():
        raise Refused("text outside an element")
    _attributes(root)
    display = "block" if block else "inline"
    return Markup('<math display="{}">{}</math>').format(display, Markup(inner))


def _name(element: ElementTree.Element) -> str:
    tag = element.tag.removeprefix(NAMESPACE)
    return tag if re.fullmatch(r"[A-Za-z-]{1,30}", tag) else "of another namespace"


def _attributes(element: ElementTree.Element) -> str:
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES:
            raise Refused(f"attribute {name}" if re.fullmatch(r"[a-z-]{1,30}", name) else "an attribute")
        if name not in SILENT and not VALUE.fullmatch(value):
            raise Refused(f"a value of attribute {name}")
    return "".join(
        f' {name}="{value}"' for name, value in sorted(element.attrib.items()) if name not in SILENT
    )


def _element(element: ElementTree.Element, block: bool, depth: int, accent: bool = False) -> str:
    name = _name(element)
    if name == "annotation":
        return ""
    if name not in ELEMENTS or name == "math":
        raise Refused(f"element {name}")
    if depth > DEEPEST:
        raise Refused("nesting too deep")
    children = list(element)
    text = element.text or ""
    if name in TOKENS:
        if children:
            raise Refused(f"an element inside {name}")
        content = str(escape(text.strip() if name != "mtext" else text))
        if element.attrib.get("stretchy") == "true" and content in BRACKETS.get(
            element.attrib.get("form", ""), ""
        ):
            element.attrib.clear()  # as every browser draws it at the ends of a row
        content = "\u02c6" if accent and content == "^" else content
    else:
        if text.strip() or any((child.tail or "").strip() for child in children):
            raise Refused(f"text inside {name}")
        content = "".join(_element(child, block, depth + 1, name == "mover") for child in children)
        if block and name in LIMITS and children and (children[0].text or "").strip() in BIG:
            name = LIMITS[name]
        if name == "mover" and len(children) == 2 and (children[1].text or "").strip() in HATS:
            # Browsers set a hat that is marked as an accent so low that it crosses a capital letter.
            element.attrib.pop("accent", None)
        if name == "mrow" and len(children) == 1 and not element.attrib:
            return content
    return f"<{name}{_attributes(element)}>{content}</{name}>"


def equation(latex: str, mathml: str, *, block: bool = True) -> Markup:
    """One equation for the page; never raises. Falls back to its LaTeX source, and says why."""
    try:
        shown = sanitise(mathml, block=block)
    except Refused as error:
        shown = Markup(
            '<code class="latex">{}</code> <small class="refused">stored MathML refused: {}</small>'
        ).format(latex, str(error))
    return Markup('<{0} class="eq">{1}</{0}>').format(Markup("div" if block else "span"), shown)
