"""Every flag of Theano 1.0.5 is there, and the page that says what becomes of each is true."""

import importlib.util
import json
import warnings
from pathlib import Path

import pytest

from ptembed.theano import configparser
from ptembed.theano.configdefaults import FORWARDED, KNOWN, OWN, VALUES
from ptembed.theano.configparser import TheanoConfigWarning, change_flags, config

HERE = Path(__file__).parent
THEANOS = json.loads((HERE / "theano_flags.json").read_text())
OTHER = {bool: lambda value: not value, int: lambda value: value + 1, float: lambda value: 0.5}
OTHER[type(None)] = lambda value: True
SILENT = sorted(set(KNOWN) - FORWARDED - OWN - {"compiledir", "base_compiledir"})


def table_script():
    spec = importlib.util.spec_from_file_location("flags_table", HERE / "flags_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_what_the_code_does():
    script = table_script()
    _, rows, _ = script.parts(script.PAGE.read_text("utf8"))
    assert rows == script.table(), "run python tests/legacy/flags_table.py"
    assert set(script.EFFECTS) == OWN


def test_the_flags_are_theanos():
    assert set(KNOWN) == set(THEANOS)


@pytest.mark.parametrize("flag", sorted(flag for flag, (_, values, _) in THEANOS.items() if values))
def test_the_values_are_theanos(flag):
    values = THEANOS[flag][1]
    if isinstance(KNOWN[flag], bool):
        assert values == ["True", "False"]
    else:
        assert set(values) <= set(VALUES[flag])


@pytest.mark.parametrize("flag", SILENT)
def test_a_flag_without_effect_says_so_once(flag, monkeypatch):
    monkeypatch.setattr(configparser, "_said", set())
    default = KNOWN[flag]
    others = [value for value in VALUES.get(flag, ()) if value != default]
    other = others[0] if others else OTHER.get(type(default), lambda value: "cuda")(default)
    with pytest.warns(TheanoConfigWarning, match=f"theano.config.{flag}={other} is accepted and has no effect"):
        change_flags({flag: other}).__enter__()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert config._get(flag) == other
        config._set(flag, other)
        config._set(flag, default)


@pytest.mark.parametrize("value", ["nope", "GPU", 1])
def test_devices_that_there_never_were(value):
    with pytest.raises(ValueError, match=r'Invalid value \(".*"\) for configuration variable "device"'):
        config.device = value


def test_an_unknown_flag_is_named_wherever_it_stands(python, tmp_path):
    (tmp_path / "rc").write_text("[global]\nfloatX = float32\nnope = 1\n[nosection]\nx = 1\n")
    done = python(
        *("-m", "ptembed", "run", "-c", "import theano; print(theano.config.floatX)"),
        THEANORC=str(tmp_path / "rc"),
        THEANO_FLAGS="floatx=float64",
        PYTHONWARNINGS="default",
    )
    assert done.stdout == "float32\n"
    for flag, source in (("nope", tmp_path / "rc"), ("nosection.x", tmp_path / "rc"), ("floatx", "THEANO_FLAGS")):
        assert (
            f"<string>:1: TheanoConfigWarning: Theano does not recognise this flag: {flag} (in {source})" in done.stderr
        )


@pytest.mark.parametrize("flags", ["floatX=float33", "allow_gc=maybe", "device=nope", "mode=Nope", "linker=nope"])
def test_a_wrong_value_stops_the_program_where_it_imports_theano(python, flags):
    done = python("-m", "ptembed", "run", "-c", "import theano; print('ran')", THEANO_FLAGS=flags, THEANORC="")
    assert (done.returncode != 0, "ran" in done.stdout) == (True, False)
    assert "ValueError" in done.stderr or "ptembed run: " in done.stderr
    assert f"{flags} is in THEANO_FLAGS." in done.stderr


def test_a_file_that_is_no_theanorc_is_named_and_stops_the_program(python, tmp_path):
    (tmp_path / "rc").write_text("floatX = float32\n")
    done = python("-m", "ptembed", "run", "-c", "import theano; print('ran')", THEANORC=str(tmp_path / "rc"))
    assert (done.returncode != 0, "ran" in done.stdout) == (True, False)
    assert f"{tmp_path / 'rc'}" in done.stderr and "[global] above lines flag = value" in done.stderr


def test_files_one_after_the_other_and_the_home_folder(python, tmp_path):
    program = ("-m", "ptembed", "run", "-c", "import theano; print(theano.config.floatX, theano.config.mode)")
    (tmp_path / ".theanorc").write_text("[global]\nfloatX = float32\n")
    (tmp_path / "more").write_text("[global]\nmode = FAST_COMPILE\nfloatX = float16\n")
    home = {"HOME": str(tmp_path), "THEANO_FLAGS": ""}
    assert python(*program, **home).stdout == "float32 Mode\n"
    both = f"~/.theanorc:{tmp_path / 'more'}:{tmp_path / 'none'}"
    assert python(*program, **home, THEANORC=both).stdout == "float16 FAST_COMPILE\n"
