"""The recipes as scikit-learn estimators; the extra ``learn`` installs scikit-learn."""

from ptembed.extras import needs

needs("sklearn", "learn")

from ptembed.estimators.bag_classifier import BagClassifier  # noqa: E402  with an error that names the install
from ptembed.estimators.constrained_nmf import ConstrainedNMF  # noqa: E402
from ptembed.estimators.reverse_dictionary import ReverseDictionary  # noqa: E402
from ptembed.estimators.skip_grams import WordVectors  # noqa: E402
from ptembed.estimators.sparse_coder import DictionaryLearner, SparseCoder  # noqa: E402
from ptembed.estimators.sparse_nmf import SparseNMF  # noqa: E402
from ptembed.estimators.word_vectors import CooccurrenceVectors  # noqa: E402
