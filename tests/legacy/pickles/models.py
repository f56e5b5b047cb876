"""A class of a user's own, as the golden pickles have one. Runs on Python 2.7 and on 3.11."""


class Layer(object):
    def __init__(self, W, b, activation):
        self.W, self.b, self.activation = W, b, activation
        self.params = [W, b]
