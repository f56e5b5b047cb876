"""Run torch's optimizers on fixed gradients and keep where they lead: makes ``torch_updates.json``.

    pip install torch==2.13.0
    python tests/graphs/torch_updates.py

Where the formulas are written differently: for momentum, torch keeps ``b = mu b + g`` and steps by ``lr b``, ours
keeps ``v = -lr b``, which is the same for a constant rate. The place of epsilon is the same in all: outside of the
root for Adagrad, RMSprop and the Adam family, inside for Adadelta, added to the size of the gradient for Adamax.
"""

import json
from pathlib import Path

STEPS = 6
OPTIMIZERS = {
    "sgd": ("SGD", {"lr": 0.1}),
    "momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {"lr": 0.1}),
    "rmsprop": ("RMSprop", {"lr": 0.01, "alpha": 0.9}),
    "rmsprop_centered": ("RMSprop", {"lr": 0.01, "alpha": 0.9, "centered": True}),
    "adadelta": ("Adadelta", {"lr": 1.0, "rho": 0.95, "eps": 1e-6}),
    "adam": ("Adam", {"lr": 0.01}),
    "amsgrad": ("Adam", {"lr": 0.01, "amsgrad": True}),
    "adamw": ("AdamW", {"lr": 0.01, "weight_decay": 0.1}),
    "adamax": ("Adamax", {"lr": 0.01}),
    "nadam": ("NAdam", {"lr": 0.01}),
}


def last_value(optimizer, options, start, gradients):
    """Give the value after all steps, as nested lists."""
    import torch

    w = torch.tensor(start, requires_grad=True)
    step = getattr(torch.optim, optimizer)([w], **options)
    for g in gradients:
        w.grad = torch.tensor(g)
        step.step()
    return w.tolist()


def main():
    import torch

    torch.set_default_dtype(torch.float64)  # NAdam keeps the product of its momenta in it
    generator = torch.Generator().manual_seed(1)
    start = torch.randn(4, 3, generator=generator).tolist()
    gradients = torch.randn(STEPS, 4, 3, generator=generator).tolist()
    values = {name: last_value(*row, start, gradients) for name, row in OPTIMIZERS.items()}
    out = {"torch": torch.__version__, "start": start, "gradients": gradients, "values": values}
    Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
