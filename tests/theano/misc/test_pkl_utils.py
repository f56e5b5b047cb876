"""Models in zip files, graphs in small pickles."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from ptembed.theano import function, function_dump, shared
from ptembed.theano import tensor as T
from ptembed.theano.misc.pkl_utils import PersistentSharedVariableID, StripPickler, dump, load


def test_arrays_have_the_names_of_their_shared_variables():
    file = io.BytesIO()
    dump([shared(0, name="W"), shared(1, name="W"), shared(2), np.arange(3), shared(3.5, name="layer.b")], file)
    file.seek(0)
    arrays = np.load(file)
    assert list(arrays.keys()) == ["W", "W_2", "array_0", "array_1", "layer.b", "pkl"]
    assert arrays["W_2"] == 1
    *variables, array, last = load(file)
    assert [int(v.get_value()) for v in variables] == [0, 1, 2]
    assert (array.tolist(), last.get_value(), last.name) == ([0, 1, 2], 3.5, "layer.b")


def test_an_array_in_two_places_is_one():
    file, a = io.BytesIO(), np.ones(2)
    dump([a, a], file)
    first, second = load(file)
    assert first is second


@pytest.mark.parametrize(
    ("names", "allowed", "text"),
    [
        (["W", "W"], {"allow_duplicates": False}, "multiple shared variables with the name `W`"),
        ([None], {"allow_unnamed": False}, "unnamed shared variable"),
        (["pkl"], {}, "can't pickle shared variable with name `pkl`"),
    ],
)
def test_names_that_are_not_allowed(names, allowed, text):
    with pytest.raises(ValueError, match=text):
        dump(
            [shared(1.0, name=name) for name in names],
            io.BytesIO(),
            persistent_id=lambda file: PersistentSharedVariableID(file, **allowed),
        )


def test_arrays_that_were_on_a_gpu_come_back_on_the_cpu():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as content:
        array = io.BytesIO()
        pickle.dump(None, array, 2)
        np.lib.format.write_array(array, np.arange(2.0))
        content.writestr("W", array.getvalue())

        class Pickler(pickle.Pickler):
            def persistent_id(self, obj):
                return "gpuarray.W" if obj == "here" else None

        pickled = io.BytesIO()
        Pickler(pickled, 2).dump("here")
        content.writestr("pkl", pickled.getvalue())
    assert load(file).tolist() == [0, 1]


def test_graphs_are_pickled_without_their_notes():
    x = T.dvector("x")
    y = x * 2
    x.tag.note, y.tag.kept = "long", "short"
    file = io.BytesIO()
    StripPickler(file, protocol=-1, extra_tag_to_remove=["note"]).dump(y)
    again = pickle.loads(file.getvalue())
    assert again.tag.kept == "short"
    assert not {"trace", "note"} & set(vars(again.tag)) | set(vars(again.owner.inputs[0].tag)) & {"trace", "note"}
    assert x.tag.note == "long"


def test_a_call_of_function_can_be_dumped(tmp_path):
    x, s = T.dscalar("x"), shared(3.0)
    function_dump(str(tmp_path / "call.pkl"), [x], x * s, mode="FAST_COMPILE")
    with open(tmp_path / "call.pkl", "rb") as file:
        assert function(**pickle.load(file))(2) == 6
