"""A theory that measures something: the record has it, its rows have what it says of them; a contradiction is exit code 1."""

import pytest

from verify import Setting, total
from verify.commands.checking import checked
from verify.known import known
from verify.pipeline.judge import Measured
from verify.record import Evidence, Record, Study


def small():
    S = Setting("small")
    p = S.dims("p")
    i = p.index("i")
    u = S.letters(u=p)
    S.identity("twice", total(u[i] + u[i], i), 2 * total(u[i], i))
    return S


@pytest.mark.parametrize(("contradiction", "code"), [(None, 0), ("a figure is too large", 1)])
def test_the_record_has_what_was_measured(tmp_path, capsys, contradiction, code):
    def measured(seed):
        return Measured(
            [Study(id="here", title="Measured", finding=f"Seed {seed}.", contradiction=contradiction)]
        )

    out = tmp_path / "out"
    given = ([small()], ["icl-verify", "run"], "small", str(out), "fast", "3")
    assert checked(*given, None, False, studies=measured, verbose=True) == code
    record = Record.model_validate_json((out / "record.json").read_text(encoding="utf-8"))
    assert [panel.finding for panel in record.panels] == ["Seed 3."]
    assert record.exit_code == code
    assert "Seed 3." in capsys.readouterr().out
    assert (
        checked(*given, ["twice"], True, studies=measured) == 0
    )  # a chosen statement alone: nothing is measured
    assert "Seed 3." not in capsys.readouterr().out


@pytest.mark.parametrize(("found", "code"), [("holds", 0), ("fails", 1)])
def test_a_row_has_what_was_observed_of_its_statement(tmp_path, capsys, found, code):
    seen = Evidence(check="compare", **known("here", found, "observed"), statement="A figure was compared.")
    measured = Measured((), {"twice": [seen]})
    out = tmp_path / "out"
    given = ([small()], ["icl-verify", "run"], "small", str(out), "fast", "3")
    assert checked(*given, None, False, studies=lambda seed: measured, verbose=True) == code
    (row,) = Record.model_validate_json((out / "record.json").read_text(encoding="utf-8")).claims
    assert (row.verdict, row.strength, row.here) == ("holds", "proved", found)
    assert row.evidence[-1] == seen
    assert (row.contradiction is not None) is (code == 1)
    assert "here" in capsys.readouterr().out
    assert 'data-name="here"' in (out / "index.html").read_text(encoding="utf-8")
