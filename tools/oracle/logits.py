#!/usr/bin/env python3
"""Reference logits: transformers float32 over a list of token ids.

    tools/oracle/logits.py MODEL_DIR IDS.json OUT.npy        IDS.json holds one JSON array of ids
    tools/oracle/logits.py MODEL_DIR --licence=N IDS.json OUT.npy
                                        first writes IDS.json: the first N tokens of Debian's GPL-3 text
"""
import argparse
import json
import pathlib

import reference


def main():
    parser = argparse.ArgumentParser(description="transformers float32 logits over token ids")
    parser.add_argument("model")
    parser.add_argument("ids", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--licence", type=int, metavar="N")
    arguments = parser.parse_args()
    model = reference.load_model(arguments.model)
    if arguments.licence:
        ids = reference.load_tokenizer(arguments.model).encode(reference.licence_text()).ids[:arguments.licence]
        arguments.ids.write_text(json.dumps(ids) + "\n")
    ids = json.loads(arguments.ids.read_text())
    import numpy
    numpy.save(arguments.out, reference.logits(model, ids))


if __name__ == "__main__":
    main()
