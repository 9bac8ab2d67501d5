"""The page in a real browser, headless: quiet console, no sideways scroll. `make test-slow` installs Chromium where none is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sample
from browser import browse, console

import reports
from verify.record import Record

pytestmark = pytest.mark.slow
# Headless windows have a least width, so the narrow page is looked at through a frame of the width asked for.
FRAME = """<!doctype html>
<iframe id="f" style="width:{width}px;height:900px;border:0" src="page.html"></iframe>
<pre id="found"></pre><script>
document.getElementById("f").onload = () => {{
  const root = document.getElementById("f").contentDocument.documentElement;
  const wide = [...root.querySelectorAll("body *")].filter(e =>
    e.getBoundingClientRect().right > {width} + 1 && !e.closest(".scroll, .eq, svg"));
  document.getElementById("found").textContent = "scrollWidth=" + root.scrollWidth + " wide=" +
    wide.slice(0, 5).map(e => e.tagName + "." + e.className) +
    " maths=" + root.querySelectorAll("math").length;
}};
</script>"""


@pytest.mark.parametrize("make", [sample.record, sample.minimal])
def test_console_stays_empty(make: object, tmp_path: Path) -> None:
    assert callable(make)
    document, log = browse(reports.render(make(), tmp_path), tmp_path)
    assert "</html>" in document
    assert console(log) == []


def test_the_console_is_really_watched(tmp_path: Path) -> None:
    """The policy stops a script that somebody adds, and the log shows it."""
    page = reports.html(sample.minimal()).replace("</main>", "<script>document.title = 'ran'</script></main>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    document, log = browse(tmp_path / "page.html", tmp_path)
    assert "<title>ran</title>" not in document
    assert any("Content Security Policy" in line for line in console(log))


@pytest.mark.parametrize("width", [400, 1280])
def test_no_sideways_scroll(width: int, tmp_path: Path) -> None:
    record: Record = sample.record()
    page = reports.html(record).replace("<details ", "<details open ")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME.format(width=width), encoding="utf-8")
    document, _ = browse(tmp_path / "frame.html", tmp_path)
    found = re.search(r"scrollWidth=(\d+) wide=(.*) maths=(\d+)", document)
    assert found is not None, document[-500:]
    assert int(found[1]) == width, found[2]
    assert found[2] == ""
    assert int(found[3]) >= 20
