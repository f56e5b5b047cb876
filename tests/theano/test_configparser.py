"""The flags: where they come from, what they change."""

import pytensor
import pytest

from ptembed.theano import change_flags, config, configdefaults, configparser, function, tensor
from ptembed.theano.compile.mode import get_mode
from ptembed.theano.compile.tiered import TieredLinker
from ptembed.theano.configdefaults import FORWARDED, KNOWN, OWN, VALUES
from ptembed.theano.configparser import (
    THEANO_FLAGS_DICT,
    AddConfigVar,
    BoolParam,
    ConfigParam,
    EnumStr,
    FloatParam,
    IntParam,
    StrParam,
    TheanoConfigWarning,
    get_config_hash,
    parse_config_string,
)

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
def test_a_wrong_value_stops_the_program_where_it_imports_theano(python, flags):
    done = python("-m", "ptembed", "run", "-c", "import theano; print('started')", THEANO_FLAGS=flags)
    assert (done.returncode, done.stdout) == (1, "")
    assert flags.split("=")[1] in done.stderr.splitlines()[-1]


@pytest.fixture
def own_flags():
    """Flags that a test adds are gone after it."""
    before = list(configparser._config_var_list)
    yield
    configparser._added.clear()
    configparser._config_var_list[:] = before
    THEANO_FLAGS_DICT.clear()


@pytest.mark.usefixtures("own_flags")
class TestFlagsOfTheProgram:
    """``AddConfigVar``."""

    def test_they_are_read_set_and_changed_like_theanos(self):
        AddConfigVar("mine.rate", "how fast", FloatParam(0.5))
        AddConfigVar("mine.kind", "which", EnumStr("sgd", "adam"))
        AddConfigVar("mine_alone", "", StrParam("a", is_valid=str.islower))
        assert (config.mine.rate, config.mine.kind, config.mine_alone) == (0.5, "sgd", "a")
        config.mine.rate = "0.25"
        with change_flags([("mine.kind", "adam")]):
            assert (config.mine.rate, config.mine.kind) == (0.25, "adam")
        assert config.mine.kind == "sgd"
        assert "mine.rate" in str(config)
        with pytest.raises(ValueError, match=r"mine\.kind"):
            config.mine.kind = "other"
        with pytest.raises(ValueError, match="mine_alone"):
            config.mine_alone = "A"

    def test_what_the_environment_says_counts_and_is_taken(self):
        THEANO_FLAGS_DICT.update({"mine.n": "3", "mine.on": "False"})
        AddConfigVar("mine.n", "", IntParam(lambda: pytest.fail("the default is not asked for")))
        on = BoolParam(True)
        AddConfigVar("mine.on", "", on)
        assert (config.mine.n, config.mine.on, on.is_default) == (3, False, False)
        assert not THEANO_FLAGS_DICT

    def test_a_default_that_does_not_fit_matters_unless_it_is_overridden(self):
        def refuse(value):
            if value == "invalid":
                raise ValueError
            return value

        with pytest.raises(ValueError):
            AddConfigVar("mine.a", "", ConfigParam("invalid", filter=refuse))
        assert not hasattr(config, "mine")
        THEANO_FLAGS_DICT["mine.b"] = "ok"
        AddConfigVar("mine.b", "", ConfigParam("invalid", filter=refuse))
        assert config.mine.b == "ok"

    @pytest.mark.parametrize("name", ["floatX", "scan", "blas.ldflags", "floatX.more"])
    def test_a_name_is_taken_once(self, name):
        with pytest.raises(AttributeError, match="already taken"):
            AddConfigVar(name, "", ConfigParam(1))

    def test_some_never_change(self):
        AddConfigVar("mine.fixed", "", ConfigParam(1, allow_override=False))
        with pytest.raises(Exception, match="Can't change"):
            config.mine.fixed = 2

    def test_the_hash_is_of_the_flags_that_count(self):
        before = get_config_hash()
        AddConfigVar("mine.no", "", ConfigParam(1), in_c_key=False)
        assert get_config_hash() == before
        AddConfigVar("mine.yes", "", ConfigParam(1), in_c_key=True)
        assert get_config_hash() != before


def test_flags_as_objects():
    (flag,) = [flag for flag in configparser._config_var_list if flag.fullname == "allow_gc"]
    assert flag.__get__(config, None) is True
    flag.__set__(config, "False")
    assert config.allow_gc is False
    flag.__set__(config, True)


def test_floatX_may_be_a_number_of_bits():
    with change_flags(floatX="32"):
        assert config.floatX == "float32"


@pytest.mark.parametrize(
    ("flag", "given", "kept"), [("vm.lazy", "None", None), ("vm.lazy", "True", True), ("scan.allow_gc", "1", True)]
)
def test_texts_become_values(flag, given, kept):
    with change_flags([(flag, given)]):
        assert config._get(flag) is kept


def test_values_are_of_flags_and_have_their_defaults():
    assert VALUES.keys() <= KNOWN.keys()
    assert all(KNOWN[flag] in values for flag, values in VALUES.items())


def test_what_theano_asked_of_the_machine():
    assert configdefaults.local_bitwidth() in (32, 64)
    assert configdefaults.python_int_bitwidth() in (32, 64)
    assert configdefaults.short_platform("4.19.0-18-generic", "Linux-4.19.0-18-generic-x") == "Linux-4.19--generic-x"
    assert configdefaults.short_platform("3", "Plan-9") == "Plan-9"
    assert configdefaults.warn_default("1.0") and not configdefaults.warn_default("0.5")
    assert configdefaults.default_compiledir() == config.compiledir == str(pytensor.config.compiledir)
    assert configdefaults.config is config
    with pytest.raises(NotImplementedError, match="default_dnn_base_path is gone"):
        _ = configdefaults.default_dnn_base_path


class TestModes:
    """The flags that say how functions are compiled."""

    def test_default_has_all_rewrites_and_the_linker_of_two_tiers(self):
        mode = get_mode()
        assert isinstance(mode.linker, TieredLinker)
        assert "fast_run" in mode.provided_optimizer.include

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
