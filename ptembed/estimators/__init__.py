"""The recipes as scikit-learn estimators; the extra ``learn`` installs scikit-learn."""

from ptembed.extras import needs

needs("sklearn", "learn")

from ptembed.estimators.bag_classifier import BagClassifier  # noqa: E402  with an error that names the install
