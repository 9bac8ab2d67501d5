"""Validation by the part of XML Schema that `junit.xsd` uses: references, sequences, choices, occurrences, attributes, patterns, text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

XS = "{http://www.w3.org/2001/XMLSchema}"
TEXT = Element("text", mixed="true")  # xs:string: any text, no elements, no attributes


class Schema:
    """The elements and types of a schema file."""

    def __init__(self, path: Path) -> None:
        root = ElementTree.parse(path).getroot()
        self.elements = {one.get("name"): one for one in root.findall(f"{XS}element")}
        self.types = {one.get("name"): one for one in root if one.tag != f"{XS}element"}

    def complaints(self, element: Element) -> Iterator[str]:
        """One line for each place at which an element of the document, or one inside it, is not as the schema says."""
        declared = self.elements.get(element.tag)
        if declared is None:
            yield f"{element.tag}: no element of the schema"
            return
        named = declared.get("type", "")
        kind = TEXT if named == "xs:string" else self.types.get(named, declared.find(f"{XS}complexType"))
        assert kind is not None, declared
        inside = "".join(f"<{one.tag}>" for one in element)
        if not re.fullmatch("".join(map(self._particle, kind)), inside):
            yield f"{element.tag}: holds {inside or 'nothing'}"
        written = "".join(filter(None, (element.text, *(one.tail for one in element)))).strip()
        if written and kind.get("mixed") != "true":
            yield f"{element.tag}: holds text"
        yield from self._attributes(element, kind)
        for one in element:
            yield from self.complaints(one)

    def _particle(self, part: Element) -> str:
        """The regular expression of the tags that a part of a type stands for."""
        low, high = part.get("minOccurs", "1"), part.get("maxOccurs", "1")
        times = f"{{{low},{'' if high == 'unbounded' else high}}}"
        match part.tag.removeprefix(XS):
            case "element":
                return f"(?:<{part.attrib['ref']}>){times}"
            case "sequence":
                return f"(?:{''.join(map(self._particle, part))}){times}"
            case "choice":
                return f"(?:{'|'.join(map(self._particle, part))}){times}"
            case "attribute":
                return ""
        raise ValueError(f"{part.tag}: the schema has a part that is read nowhere here")

    def _attributes(self, element: Element, kind: Element) -> Iterator[str]:
        declared = {one.get("name"): one for one in kind.findall(f"{XS}attribute")}
        for name, one in declared.items():
            if one.get("use") == "required" and name not in element.attrib:
                yield f"{element.tag}: lacks {name}"
        for name, value in element.attrib.items():
            if name not in declared:
                yield f"{element.tag}: has {name}"
            elif (simple := self.types.get(declared[name].get("type"))) is not None:
                pattern = simple.find(f"{XS}restriction/{XS}pattern")
                assert pattern is not None, simple
                if not re.fullmatch(pattern.attrib["value"], value):
                    yield f"{element.tag}: {name} = {value}"


JUNIT = Schema(Path(__file__).with_name("junit.xsd"))
