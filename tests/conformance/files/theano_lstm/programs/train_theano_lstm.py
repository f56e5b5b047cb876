"""A character model of theano_lstm's stacked cells learns by each of its methods, with its masked loss."""

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano_lstm import LSTM, RNN, Embedding, Layer, StackedCells, create_optimization_updates, masked_loss

V, H = 12, 8
X = np.random.RandomState(0).randint(0, V, size=(4, 7)).astype("int32")
LENGTHS = np.array([6, 4, 5, 3], "int32")


def softmax(x):
    return T.nnet.softmax(x.T).T


def predictions(model, tokens):
    """The probabilities of the next token, batch x time x V."""

    def step(token, *states):
        return model.forward(token, prev_hiddens=[None, *states, None], dropout=[])

    def initial(layer):
        return {"initial": T.repeat(T.shape_padleft(layer.initial_hidden_state), tokens.shape[0], axis=0), "taps": [-1]}

    states = [initial(layer) for layer in model.layers if hasattr(layer, "initial_hidden_state")]
    outputs, _ = theano.scan(step, sequences=[tokens.T], outputs_info=[None, *states, None])
    return outputs[-1].transpose((1, 0, 2))


@pytest.mark.parametrize("cell, method", [(LSTM, "adadelta"), (RNN, "adagrad"), (LSTM, "sgd")])
def test_the_loss_falls(cell, method):
    model = StackedCells(H, celltype=cell, layers=[H], activation=T.tanh)
    model.layers.insert(0, Embedding(V, H))
    model.layers.append(Layer(H, V, activation=softmax))
    tokens, lengths = T.imatrix("tokens"), T.ivector("lengths")
    p = predictions(model, tokens[:, :-1])
    loss = masked_loss(p, tokens[:, 1:], lengths, T.zeros_like(lengths)).sum()
    updates = create_optimization_updates(loss, model.params, method=method)[0]
    train = theano.function([tokens, lengths], loss, updates=updates, allow_input_downcast=True)
    losses = [float(train(X, LENGTHS)) for _ in range(12)]
    assert losses[-1] < losses[0]
