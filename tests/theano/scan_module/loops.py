"""Loops in Theano's language, and what they compute; the same code runs on real Theano and on the drop-in.

``python loops.py`` with Theano 1.0.5 (Python 3.7, NumPy below 1.17) writes ``loops.json``: for each loop what its
function gives, or the kind of the error.
"""

import json
import os

import numpy as np

LOOPS = {}


def loop(build):
    """Put a function of ``theano`` and ``theano.tensor`` that gives numbers into the table of loops."""
    LOOPS[build.__name__] = build
    return build


def zero(T):
    return T.constant(0.0, dtype="float64")


def one(T):
    return T.constant(1.0, dtype="float64")


def states(theano, T, initial, step, n_steps=3, **arguments):
    """Loop ``step`` on a state and a 4 x 4 matrix; gives the broadcast pattern and the steps."""
    W = T.dmatrix("W")
    outputs, updates = theano.scan(step, outputs_info=initial, non_sequences=[W], n_steps=n_steps, **arguments)
    compiled = theano.function([W], outputs, updates=updates, on_unused_input="ignore")
    return [list(outputs.broadcastable), compiled(np.eye(4) * 0.5)]


# Shapes of initial states.


@loop
def state_of_known_shape(theano, T):
    return states(theano, T, T.zeros((3, 4), dtype="float64"), lambda h, W: T.dot(h, W) + 1)


@loop
def state_of_one_row(theano, T):
    return states(theano, T, T.zeros((1, 4), dtype="float64"), lambda h, W: T.dot(h, W) + 1)


@loop
def state_of_one_row_that_becomes_many(theano, T):
    return states(theano, T, T.zeros((1, 4), dtype="float64"), lambda h, W: h + W)


@loop
def state_of_one_row_unbroadcast(theano, T):
    return states(theano, T, T.unbroadcast(T.zeros((1, 4), dtype="float64"), 0), lambda h, W: T.dot(h, W) + 1)


@loop
def state_of_length_one_that_becomes_many(theano, T):
    return states(theano, T, np.zeros(1), lambda h, W: h + W[0])


@loop
def state_of_numpy(theano, T):
    return states(theano, T, np.zeros((3, 4)), lambda h, W: T.dot(h, W) + 1)


@loop
def state_shared_of_one_row(theano, T):
    return states(theano, T, theano.shared(np.zeros((1, 4))), lambda h, W: T.dot(h, W) + 1)


@loop
def state_of_a_number_that_stays_small(theano, T):
    return states(theano, T, 0, lambda h, W: h + 1)


@loop
def state_of_a_number_that_becomes_a_float(theano, T):
    return states(theano, T, 0, lambda h, W: h + W[0, 0])


@loop
def state_that_is_upcast(theano, T):
    return states(theano, T, np.zeros(4, "float32"), lambda h, W: T.dot(h, W))


@loop
def state_that_is_downcast(theano, T):
    return states(theano, T, np.zeros(4), lambda h, W: T.cast(h, "float32"))


@loop
def state_that_gets_a_dimension(theano, T):
    return states(theano, T, np.zeros(4), lambda h, W: W)


@loop
def state_that_ignores_itself(theano, T):
    return states(theano, T, T.zeros((4, 4), dtype="float64"), lambda h, W: W)


# What is known of outputs.


@loop
def info_with_other_keys(theano, T):
    return states(theano, T, {"initial": one(T), "membuf": 3}, lambda h, W: h * 2)


@loop
def info_with_return_steps(theano, T):
    return states(theano, T, {"initial": one(T), "return_steps": 1}, lambda h, W: h * 2)


@loop
def info_of_an_empty_dict(theano, T):
    return states(theano, T, {}, lambda W: W.sum())


@loop
def info_with_no_taps(theano, T):
    return states(theano, T, {"initial": one(T), "taps": None}, lambda h, W: h * 2)


@loop
def info_with_two_taps(theano, T):
    return states(theano, T, {"initial": T.ones((3, 4), dtype="float64"), "taps": [-1, -3]}, lambda a, b, W: a * 2 + b)


@loop
def info_with_a_future_tap(theano, T):
    return states(theano, T, {"initial": T.ones((3, 4)), "taps": [0]}, lambda a, W: a)


@loop
def info_with_one_tap_twice(theano, T):
    return states(theano, T, {"initial": T.ones((3, 4)), "taps": [-1, -1]}, lambda a, b, W: a)


@loop
def info_with_taps_and_no_state(theano, T):
    return states(theano, T, {"taps": [-1]}, lambda a, W: a)


@loop
def info_of_fewer_outputs(theano, T):
    return theano.scan(lambda a: [a, a * 2], sequences=T.arange(4), outputs_info=[None])


@loop
def infos_of_all_kinds_in_any_order(theano, T):
    x = T.dvector()
    (a, b, c), _ = theano.scan(
        lambda x_t, x_next, a1, b3, b1: [a1 + x_t, x_next * 2, b1 + 10 * b3 + a1],
        sequences={"input": x, "taps": [0, 1]},
        outputs_info=[one(T), None, {"initial": x[:3], "taps": [-3, -1]}],
    )
    return theano.function([x], [a, b, c])(np.arange(1.0, 6))


# Numbers of steps.


@loop
def steps_one(theano, T):
    return states(theano, T, T.zeros((3, 4), dtype="float64"), lambda h, W: h + 1, n_steps=1)


@loop
def steps_minus_one(theano, T):
    return states(theano, T, T.zeros((3, 4), dtype="float64"), lambda h, W: h + 1, n_steps=-1)


@loop
def steps_minus_two(theano, T):
    return states(theano, T, T.zeros((3, 4), dtype="float64"), lambda h, W: h + 1, n_steps=-2)


@loop
def steps_of_a_float(theano, T):
    return states(theano, T, T.zeros((3, 4), dtype="float64"), lambda h, W: h + 1, n_steps=2.5)


@loop
def steps_of_a_symbolic_float(theano, T):
    return theano.scan(lambda: one(T), n_steps=T.dscalar())


@loop
def steps_of_nobody_knows(theano, T):
    return theano.scan(lambda: one(T))


@loop
def steps_more_than_there_are(theano, T):
    return states(theano, T, one(T), lambda x, h, W: h + x, n_steps=7, sequences=T.arange(5))


@loop
def steps_of_a_symbolic_number(theano, T):
    n = T.lscalar()
    outputs, _ = theano.scan(lambda a: a + 1, outputs_info=zero(T), n_steps=n)
    last = theano.function([n], outputs[-1])
    return [theano.function([n], outputs)(3), last(4), last(1)]


@loop
def steps_of_a_symbolic_number_below_zero(theano, T):
    n = T.lscalar()
    outputs, _ = theano.scan(lambda a: a + 1, outputs_info=zero(T), n_steps=n)
    return theano.function([n], outputs)(-1)


@loop
def steps_until(theano, T):
    def double(p):
        return p * 2, theano.scan_module.until(p * 2 > 45)

    outputs, _ = theano.scan(double, outputs_info=one(T), n_steps=1024)
    return [list(outputs.broadcastable), theano.function([], outputs)()]


@loop
def steps_until_and_backwards(theano, T):
    x = T.dvector()

    def add(x_t, total):
        return [total + x_t, x_t], theano.scan_module.until(x_t < 2)

    outputs, _ = theano.scan(add, x, [zero(T), None], go_backwards=True)
    return theano.function([x], outputs)(np.arange(5.0))


# Sequences.


@loop
def sequences_of_taps(theano, T):
    x, y = T.dvector(), T.dvector()
    outputs, _ = theano.scan(
        lambda a, b, c, d: a + 10 * b + 100 * c + 1000 * d,
        sequences=[{"input": x, "taps": [-3, 2, -1]}, y],
    )
    return theano.function([x, y], outputs)(np.arange(10.0), np.arange(20.0))


@loop
def sequences_of_one_tap_as_a_number(theano, T):
    x = T.dvector()
    return theano.function([x], theano.scan(lambda a: a * 2, {"input": x, "taps": 2})[0])(np.arange(5.0))


@loop
def sequences_of_numpy(theano, T):
    return theano.function([], theano.scan(lambda a: a * 2, np.arange(5.0))[0])()


@loop
def sequences_of_a_list(theano, T):
    return theano.scan(lambda a: a * 2, [[1.0, 2.0]])


@loop
def sequences_backwards(theano, T):
    x = T.dmatrix()
    return theano.function([x], theano.scan(lambda a: a * 2, x, go_backwards=True)[0])(np.arange(6.0).reshape(3, 2))


# What a step returns.


@loop
def returned_number(theano, T):
    return theano.scan(lambda a: 1, sequences=T.arange(4))


@loop
def returned_updates_first(theano, T):
    s = theano.shared(1.0)
    return theano.scan(lambda a: ({s: s + 1}, a), sequences=T.arange(4))


@loop
def returned_updates_alone(theano, T):
    s = theano.shared(1.0)
    outputs, updates = theano.scan(lambda: {s: s * 2}, n_steps=5)
    theano.function([], [], updates=updates)()
    return [outputs is None, [key is s for key in updates], s.get_value()]


@loop
def returned_pairs_of_updates(theano, T):
    s, t = theano.shared(1.0), theano.shared(np.arange(2.0))
    outputs, updates = theano.scan(lambda: ([s + t.sum()], [(s, s * 2), (t, t + s)]), n_steps=4)
    return [theano.function([], outputs, updates=updates)(), s.get_value(), t.get_value()]


@loop
def returned_one_in_a_list(theano, T):
    outputs, _ = theano.scan(lambda a: [a], sequences=T.arange(4), return_list=True)
    return [isinstance(outputs, list), theano.function([], outputs)()[0]]


# Shared variables.


def twice(theano, s, step, give_updates=True, n_steps=4):
    """Loop ``step`` in two calls; gives what they give, the value of ``s``, and whether it is among the updates."""
    outputs, updates = theano.scan(step, n_steps=n_steps)
    f = theano.function([], outputs, updates=updates if give_updates else None)
    return [f(), f(), s.get_value(), s in updates]


def doubled_by_default(theano):
    s = theano.shared(1.0)
    s.default_update = s * 2
    return s


@loop
def default_update(theano, T):
    s = doubled_by_default(theano)
    return twice(theano, s, lambda: s + 0)


@loop
def default_update_whose_updates_are_not_given(theano, T):
    s = doubled_by_default(theano)
    return twice(theano, s, lambda: s + 0, give_updates=False)


@loop
def default_update_in_one_step(theano, T):
    s = doubled_by_default(theano)
    return twice(theano, s, lambda: s + 0, n_steps=1)


@loop
def default_update_of_a_variable_made_in_the_step(theano, T):
    made = []

    def step():
        made.append(doubled_by_default(theano))
        return made[-1] * 1

    outputs, updates = theano.scan(step, n_steps=4)
    f = theano.function([], outputs)
    return [f(), f(), made[0].get_value(), len(updates), made[0].default_update is not None]


@loop
def default_update_through_another(theano, T):
    s, t = doubled_by_default(theano), theano.shared(5.0)
    return [*twice(theano, s, lambda: (s + 0, {t: t + s})), t.get_value()]


@loop
def default_update_overridden(theano, T):
    s = doubled_by_default(theano)
    return twice(theano, s, lambda: (s + 0, {s: s + 1}))


@loop
def default_update_in_the_condition(theano, T):
    s = doubled_by_default(theano)
    return twice(theano, s, lambda: (one(T) * 3, theano.scan_module.until(s > 3)))


@loop
def default_update_of_what_is_given_from_outside(theano, T):
    s = doubled_by_default(theano)
    drawn = s * 10
    outputs, updates = theano.scan(lambda d: d + 1, non_sequences=[drawn], n_steps=3)
    f = theano.function([], outputs, updates=updates)
    return [f(), f(), len(updates)]


@loop
def default_update_of_a_shared_non_sequence(theano, T):
    s = doubled_by_default(theano)
    outputs, updates = theano.scan(lambda a: a + 0, non_sequences=[s], n_steps=3)
    f = theano.function([], outputs, updates=updates)
    return [f(), f(), s.get_value(), len(updates)]


@loop
def default_update_in_nested_loops(theano, T):
    s = doubled_by_default(theano)

    def outer():
        outputs, updates = theano.scan(lambda: s + 0, n_steps=2)
        return outputs, updates

    return twice(theano, s, outer, n_steps=3)


@loop
def strict_without_the_shared_variable(theano, T):
    s = theano.shared(2.0)
    return theano.scan(lambda a: a * s, sequences=T.arange(4), strict=True)


@loop
def strict_with_the_shared_variable(theano, T):
    s = theano.shared(2.0)
    outputs, updates = theano.scan(lambda a, b: a * s, T.arange(4), non_sequences=[s], strict=True)
    return [theano.function([], outputs)(), len(updates)]


# Gradients.


def powers(theano, T, n_steps, cost=lambda outputs: outputs[-1], **arguments):
    """The gradient of what becomes of the powers of 2."""
    x = T.dscalar()
    outputs, _ = theano.scan(lambda a: a * x, outputs_info=one(T), n_steps=n_steps, **arguments)
    return theano.function([x], theano.grad(cost(outputs), x))(2.0)


@loop
def gradient_truncated(theano, T):
    return [
        [powers(theano, T, 5, truncate_gradient=t), powers(theano, T, 5, lambda o: o.sum(), truncate_gradient=t)]
        for t in (-1, 1, 3)
    ]


@loop
def gradient_of_one_step(theano, T):
    return powers(theano, T, 1)


@loop
def gradient_of_a_loop_that_ends(theano, T):
    x = T.dscalar()

    def step(a):
        return a * x, theano.scan_module.until(a * x > 10)

    outputs, _ = theano.scan(step, outputs_info=one(T), n_steps=20)
    return theano.function([x], [outputs, theano.grad(outputs[-1], x), theano.grad(outputs.sum(), x)])(2.0)


@loop
def gradient_past_integers(theano, T):
    i, x = T.ivector(), T.dvector()
    (sums, _), _ = theano.scan(lambda k, a, x: [a + x[k], k], i, [zero(T), None], x)
    return theano.function([i, x], theano.grad(sums[-1], x))(np.array([0, 1, 1], "int32"), np.arange(3.0))


@loop
def gradient_of_integers(theano, T):
    i, x = T.ivector(), T.dvector()
    sums, _ = theano.scan(lambda k, a, x: a + x[k], i, zero(T), x)
    return theano.grad(sums[-1], i)


@loop
def gradient_of_the_gradient(theano, T):
    x = T.dscalar()
    outputs, _ = theano.scan(lambda a: T.sin(a * x), outputs_info=one(T), n_steps=4)
    first = theano.grad(outputs[-1], x)
    return theano.function([x], [first, theano.grad(first, x)])(0.7)


@loop
def gradient_of_taps_backwards(theano, T):
    x = T.dvector()
    outputs, _ = theano.scan(
        lambda a, b, h2, h1: T.tanh(a * h1 + b * h2),
        sequences={"input": x, "taps": [0, 2]},
        outputs_info={"initial": x[:2], "taps": [-2, -1]},
        go_backwards=True,
    )
    return theano.function([x], theano.grad((outputs**2).sum(), x))(np.linspace(0.1, 1.2, 6))


@loop
def gradient_forward(theano, T):
    x, e = T.dvector(), T.dvector()
    outputs, _ = theano.scan(lambda s, a: s * a + s, sequences=x, outputs_info=one(T))
    return theano.function([x, e], theano.Rop(outputs, x, e))(np.arange(1.0, 4), np.ones(3))


@loop
def gradient_forward_of_a_state(theano, T):
    h, e, u = T.dvector(), T.dvector(), T.dmatrix()
    outputs, _ = theano.scan(lambda u_t, h: T.tanh(h + u_t), sequences=u, outputs_info=h)
    forward = theano.function([h, e, u], theano.Rop(outputs[-1], h, e))
    return forward(np.linspace(0, 1, 3), np.ones(3), np.linspace(-1, 1, 6).reshape(2, 3))


@loop
def gradient_of_nested_loops(theano, T):
    x = T.dmatrix()

    def row(x_t, total):
        inner, _ = theano.scan(lambda a, s: T.tanh(a * s + a), sequences=x_t, outputs_info=total)
        return inner[-1]

    outputs, _ = theano.scan(row, sequences=x, outputs_info=one(T))
    return theano.function([x], [outputs, theano.grad(outputs.sum(), x)])(np.linspace(0.1, 1.2, 6).reshape(2, 3))


# Other calls.


@loop
def checkpoints(theano, T):
    x = T.dscalar()
    outputs, _ = theano.scan_checkpoints(
        lambda p, A: p * A, outputs_info=one(T), non_sequences=x, n_steps=13, save_every_N=4
    )
    return theano.function([x], [outputs, theano.grad(outputs[-1], x)])(1.1)


@loop
def checkpoints_with_taps(theano, T):
    return theano.scan_checkpoints(lambda p: p, outputs_info={"initial": one(T), "taps": [-2]}, n_steps=3)


@loop
def folds(theano, T):
    x = T.dvector()
    left, _ = theano.foldl(lambda a, b: a * 2 + b, x, zero(T))
    right, _ = theano.foldr(lambda a, b: a * 2 + b * 3, x, zero(T))
    (first, second), _ = theano.reduce(lambda a, b, c: [a * 2 + b, a + c], x, [zero(T), zero(T)])
    return theano.function([x], [left, right, first, second])(np.arange(4.0))


@loop
def maps(theano, T):
    x = T.dmatrix()
    (sums, doubled), _ = theano.map(lambda a: [a.sum(), a * 2], x)
    backwards, _ = theano.map(lambda a: a.sum(), x, go_backwards=True)
    return theano.function([x], [sums, doubled, backwards])(np.arange(6.0).reshape(3, 2))


@loop
def modes(theano, T):
    x = T.dmatrix()
    sums = [
        theano.scan(lambda a: T.tanh(a).sum(), x, mode=mode)[0].sum()
        for mode in ("FAST_RUN", "FAST_COMPILE", theano.Mode(linker="py"), theano.compile.get_default_mode())
    ]
    return theano.function([x], [theano.grad(s, x) for s in sums])(np.arange(4.0).reshape(2, 2))


@loop
def mode_of_no_name(theano, T):
    return theano.scan(lambda a: a, T.dvector(), mode="NOPE")[0].eval({})


def recorded(build, theano):
    """What a loop gives as JSON has it; errors by the name of their kind."""
    try:
        return _plain(build(theano, theano.tensor))
    except Exception as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return {"error": kinds[: kinds.index("Exception")] or kinds[:1]}


def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (bool, int, float, str)):
        return value
    return np.asarray(value).tolist()


if __name__ == "__main__":
    os.environ["THEANO_FLAGS"] = "cxx=,optimizer_excluding=fusion,floatX=float64"
    import theano as real

    if real.__version__ != "1.0.5":
        raise SystemExit(f"loops.json holds what Theano 1.0.5 gives, got {real.__version__}")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "loops.json"), "w") as file:
        json.dump({name: recorded(build, real) for name, build in LOOPS.items()}, file, indent=0)
