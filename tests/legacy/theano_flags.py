"""Record Theano's flags: run with real Theano 1.0.5, in this folder: ``THEANO_FLAGS=cxx=g++ python theano_flags.py``.

For each flag: its kind, the values that it takes where they are listed, and whether it can be set once Theano runs.
"""

import json


def main():
    from theano.configparser import _config_var_list

    flags = {}
    for flag in _config_var_list:
        kind = getattr(flag, "mytype", None)
        name = {"booltype": "bool"}.get(getattr(kind, "__name__", ""), getattr(kind, "__name__", type(flag).__name__))
        flags[flag.fullname] = [name, list(getattr(flag, "all", ())), flag.allow_override]
    with open("theano_flags.json", "w") as file:
        file.write(",\n".join(json.dumps({k: v})[1:-1] for k, v in sorted(flags.items())).join(["{\n", "\n}\n"]))


if __name__ == "__main__":
    main()
