"""Walks over random graphs, as real Theano 1.0.5 makes them; ``walks.json`` is the record.

To make it again, with Theano 1.0.5 (Python 3.7): ``THEANO_FLAGS=cxx= python walks.py``.
"""

import json
import os

import numpy as np

SEEDS = range(12)


def graph_of(seed, theano):
    """A random graph of Ops with one or two outputs: the names of its parts, some outputs, some inputs."""

    class Mixed(theano.gof.Op):
        def __init__(self, n_outputs):
            self.n_outputs = n_outputs

        def __str__(self):
            return "Mixed"

        def make_node(self, *inputs):
            return theano.gof.Apply(self, list(inputs), [theano.tensor.dscalar() for _ in range(self.n_outputs)])

    random = np.random.RandomState(seed)
    variables = [theano.tensor.dscalar(f"v{i}") for i in range(4)]
    names = {v: v.name for v in variables}
    for k in range(random.randint(2, 9)):
        inputs = [variables[j] for j in random.randint(0, len(variables), random.randint(1, 4))]
        outputs = Mixed(random.randint(1, 3))(*inputs, return_list=True)
        names[outputs[0].owner] = f"n{k}"
        for j, output in enumerate(outputs):
            names[output] = f"n{k}_{j}"
            variables.append(output)
    outputs = [variables[j] for j in random.randint(4, len(variables), random.randint(1, 3))]
    inputs = [variables[j] for j in random.randint(0, 4, random.randint(1, 4))]
    return names, outputs, inputs


def walks(seed, theano):
    """What the functions of ``theano.gof.graph`` give for the random graph."""
    graph = theano.gof.graph
    names, outputs, inputs = graph_of(seed, theano)

    def named(found):
        return [names[one] for one in found]

    return {
        "inputs": named(graph.inputs(outputs)),
        "inputs behind": named(graph.inputs(outputs, blockers=inputs)),
        "ancestors": named(graph.ancestors(outputs)),
        "variables": named(graph.variables(inputs, outputs)),
        "orphans": named(graph.orphans(inputs, outputs)),
        "ops": sorted(named(graph.ops(inputs, outputs))),
        "io_toposort": named(graph.io_toposort(inputs, outputs)),
        "with clients": named(graph.io_toposort(inputs, outputs, clients={})),
        "list_of_nodes": named(graph.list_of_nodes([], outputs)),
        "as_string": [text.replace("Mixed.", "") for text in graph.as_string([], outputs)],
    }


if __name__ == "__main__":
    import theano

    record = {str(seed): walks(seed, theano) for seed in SEEDS}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "walks.json"), "w") as file:
        json.dump(record, file, indent=0, sort_keys=True)
        file.write("\n")
