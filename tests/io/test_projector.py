"""The folder that TensorBoard's projector reads."""

import numpy as np
import pytest

from ptembed.io.projector import write_projector


def test_the_three_files(tmp_path):
    write_projector(tmp_path / "run", ["a b", "c"], np.array([[1.5, 2], [3, 4]], "float32"))
    assert (tmp_path / "run/tensors.tsv").read_text() == "1.5\t2.0\n3.0\t4.0\n"
    assert (tmp_path / "run/metadata.tsv").read_text() == "a b\nc\n"
    config = (tmp_path / "run/projector_config.pbtxt").read_text()
    assert 'tensor_path: "tensors.tsv"' in config
    assert 'metadata_path: "metadata.tsv"' in config


def test_columns_have_a_header(tmp_path):
    write_projector(tmp_path, ["a", "b"], np.eye(2), {"count": [3, 1]})
    assert (tmp_path / "metadata.tsv").read_text() == "word\tcount\na\t3\nb\t1\n"


@pytest.mark.parametrize(
    ("words", "columns", "match"),
    [(["a\tb", "c"], None, "no tab"), (["a", "b"], {"x": [1]}, "a value for each of 2"), (["a", "a"], None, "once")],
)
def test_what_the_projector_would_misread_is_refused(tmp_path, words, columns, match):
    with pytest.raises(ValueError, match=match):
        write_projector(tmp_path / "run", words, np.eye(2), columns)
    assert not (tmp_path / "run").exists()
