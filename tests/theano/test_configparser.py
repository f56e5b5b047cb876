"""The flags: where they come from, what they change."""

import pytensor
import pytest

from ptembed.theano import change_flags, config, function, tensor
from ptembed.theano.compile.mode import get_mode
from ptembed.theano.configdefaults import FORWARDED, KNOWN, OWN
from ptembed.theano.configparser import TheanoConfigWarning, parse_config_string

PRINT = "import theano.configparser as p; from theano import config as c; print({})"


def run(python, expression, **environment):
    done = python("-m", "ptembed", "run", "-c", PRINT.format(expression), PYTHONWARNINGS="default", **environment)
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize("flag", sorted(KNOWN))
def test_every_flag_of_theano_can_be_read_and_set_to_what_it_is(flag):
    *sections, name = flag.split(".")
    holder = config
    for section in sections:
        holder = getattr(holder, section)
    setattr(holder, name, getattr(holder, name))


def test_forwarded_flags_are_pytensors():
    assert KNOWN.keys() >= FORWARDED | OWN
    for flag in FORWARDED:
        assert hasattr(pytensor.config, flag.replace(".", "__"))


def test_floatX_is_one_flag():
    with change_flags(floatX="float32"):
        assert config.floatX == pytensor.config.floatX == tensor.vector().dtype == "float32"
    assert config.floatX == pytensor.config.floatX == "float64"


def test_change_flags_decorates_and_takes_back_after_an_error():
    @change_flags({"floatX": "float32"})
    def fails():
        assert config.floatX == "float32"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert config.floatX == "float64"


def test_change_flags_with_one_wrong_value_changes_none():
    with pytest.raises(ValueError, match="Invalid value"), change_flags(allow_gc=False, floatX="float99"):
        pass
    assert (config.allow_gc, config.floatX) == (True, "float64")


def test_parse_config_string_warns_of_a_flag_without_value():
    with pytest.warns(TheanoConfigWarning, match="'floatX' has no value"):
        assert parse_config_string("floatX,mode=FAST_RUN,,mode=FAST_COMPILE") == {"mode": "FAST_COMPILE"}


def test_flags_come_from_the_environment(python):
    flags = "floatX=float32,mode=FAST_COMPILE, scan.allow_gc=True"
    assert run(python, "c.floatX, c.mode, c.scan.allow_gc", THEANO_FLAGS=flags) == ("float32 FAST_COMPILE True", "")


def test_environment_wins_over_files_and_the_later_file_over_the_earlier(python, tmp_path):
    (tmp_path / "a").write_text("[global]\nfloatX = float32\nmode = FAST_RUN\n[blas]\nldflags = -lblas\n")
    (tmp_path / "b").write_text("[global]\nmode = FAST_COMPILE\non_unused_input = warn\n")
    got = run(
        python,
        "c.floatX, c.mode, c.blas.ldflags, c.on_unused_input",
        THEANORC=f"{tmp_path / 'a'}:{tmp_path / 'b'}:{tmp_path / 'none'}",
        THEANO_FLAGS="on_unused_input=ignore",
    )
    assert got == ("float32 FAST_COMPILE -lblas ignore", "")


def test_flags_without_meaning_are_reported_once(python):
    _, errors = run(python, "setattr(c, 'device', 'gpu1')", THEANO_FLAGS="device=gpu,lib.cnmem=1")
    assert errors.count("has no effect") == 1
    assert "theano.config.device=gpu is accepted and has no effect: programs run on the CPU." in errors


def test_unknown_flags_are_reported(python):
    _, errors = run(python, "1", THEANO_FLAGS="flaotX=float32")
    assert "Theano does not recognise this flag: flaotX" in errors


@pytest.mark.parametrize("flags", ["floatX=float99", "on_unused_input=maybe", "allow_gc=perhaps"])
def test_a_wrong_value_stops_the_program_with_a_sentence(python, flags):
    done = python("-m", "ptembed", "run", "-c", "print('started')", THEANO_FLAGS=flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert flags.split("=")[1] in done.stderr


class TestModes:
    """The flags that say how functions are compiled."""

    def test_default_is_pytensors_fast_run(self):
        assert get_mode() is pytensor.compile.mode.get_mode("FAST_RUN")

    def test_optimizer_set_after_import_counts(self):
        x = tensor.dvector("x")
        with change_flags(optimizer="None", linker="py"):
            assert len(function([x], x * 1 + 0).maker.fgraph.toposort()) >= 2
        with change_flags(optimizer="o4", linker="py"):
            assert len(function([x], x * 1 + 0).maker.fgraph.toposort()) < 2

    def test_rewrites_can_be_left_out(self):
        with change_flags(optimizer_excluding="fusion:inplace"):
            assert {"fusion", "inplace"} <= set(get_mode()._optimizer.exclude)

    @pytest.mark.parametrize("linker", ["py", "vm", "c|py"])
    def test_linkers_that_a_program_names_run(self, linker):
        x = tensor.dscalar("x")
        with change_flags(linker=linker):
            assert function([x], x**2)(3) == 9

    def test_modes_without_a_meaning_are_refused(self):
        with pytest.raises(ValueError, match="use profile=True"):
            get_mode("ProfileMode")
