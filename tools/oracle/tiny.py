#!/usr/bin/env python3
"""Reference logits of the tiny checkpoints: makes test/data/tiny.json and test/data/tiny-<shape>-<dtype>.npy.

    tools/oracle/tiny.py [SHAPE...]     runs tools/make-checkpoint for each case, or those of the shapes, then transformers float32

Of each case it is shown that the numbers would tell if a feature of the family were missing: without it, cosines of centred
logits fall below 0.9999, or all logits are another multiple. tiny.json has the token ids, the rows whose logits are kept, and the cases. All shapes read the same ids.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import compare
import features
import reference

sys.path.insert(0, str(reference.environment.ROOT / "tools"))
import descendant_shapes
import nested_text

CASES = [("tiny-6x2", "f32"), ("tiny-6x2", "bf16"), ("tiny-5x1", "f32"), ("tiny-odd", "f32"), ("tiny-odd", "f16"),
         ("tiny-odd", "bf16"), ("tiny-untied", "f32"), ("tiny-untied", "bf16"), ("tiny-wide", "f32"), ("tiny-llama3", "f32"),
         ("tiny-linear", "f32"), ("tiny-llama2", "f32"), ("tiny-llama32", "f32"), ("tiny-mistral", "f32"), ("tiny-qwen2", "f32"),
         ("tiny-windows", "f32"), ("tiny-some-windows", "f32"), ("tiny-yarn", "f32"), ("tiny-yarn-exact", "f32"),
         ("tiny-attention-bias", "f32"), ("tiny-mlp-bias", "f32"), ("tiny-biases", "f32"), ("tiny-biases", "bf16"),
         ("tiny-gpt-oss", "bf16"), ("tiny-gpt-oss-5x1", "bf16"), ("tiny-gpt-oss-float", "bf16"),
         ("tiny-gemma", "f32"), ("tiny-gemma", "bf16"), ("tiny-gemma-7b", "f16"), ("tiny-gemma2", "f32"),
         ("tiny-gemma2-27b", "bf16"), ("tiny-gemma3", "f32"), ("tiny-gemma3", "bf16"), ("tiny-gemma3-27b", "f32"),
         ("tiny-gemma3-nested", "bf16"), ("tiny-vaultgemma", "f32"), ("tiny-vaultgemma-odd", "bf16"), ("tiny-gemma4", "f32"),
         ("tiny-gemma4", "bf16"), ("tiny-gemma4-odd", "bf16"), ("tiny-gemma4-e2b", "f32"), ("tiny-gemma4-e4b", "bf16"),
         ("tiny-gemma4-moe", "f32"), ("tiny-gemma4-moe-odd", "bf16"), ("tiny-gemma3n", "f32"), ("tiny-gemma3n-odd", "bf16"),
         ("tiny-deepseek-v2", "f32"), ("tiny-deepseek-v2-groups", "f32"), ("tiny-deepseek-v3", "bf16"),
         ("tiny-deepseek-v3-fp8", "bf16"), ("tiny-deepseek-v3-plain", "f32")]
LATENT = [f"tiny-{family}{odd}" for family in ("glm4-moe-lite", "sarvam-mla", "youtu", "minicpm3") for odd in ("", "-odd")]
CASES += [(shape, "f32") for shape in LATENT]
DESCENDANTS = ["qwen3", "qwen3-moe", "mixtral", "smollm3", "phi3", "olmo2", "olmo3", "granite", "granitemoe", "glm", "glm4",
               "seed-oss", "cwm", "ministral", "exaone4", "hunyuan", "ernie", "arcee", "helium", "qwen2-moe", "nemotron", "cohere", "cohere2", "gpt2",
               "llama4", "muse-glimmer"]
CASES += [(f"tiny-{family}{odd}", "f32") for family in DESCENDANTS for odd in ("", "-odd")]
QWEN35 = [f"tiny-{family}{odd}" for family in ("qwen35", "qwen35-moe", "qwen3-next") for odd in ("", "-odd")]
CASES += [(shape, "f32") for shape in QWEN35]
CASES += [(shape, "f32") for shape in descendant_shapes.SHAPES]
CASES += [(shape, "f32") for shape in [*descendant_shapes.LATENT, *nested_text.SHAPES]]
CASES += [("tiny-mistral-fp8", "f32")]
# Where a router is undecided, the last bits of a cached number choose other experts: the numbers are held without that.
FLAGS = {"tiny-gpt-oss": ["--cache=f32"], "tiny-gpt-oss-5x1": ["--cache=f32"], "tiny-gpt-oss-float": ["--cache=f32"],
         # Queries and keys that are normed and not scaled make scores of twice their size.
         "tiny-gemma4": ["--cache=f32"], "tiny-gemma4-odd": ["--cache=f32"], "tiny-gemma4-e2b": ["--cache=f32"],
         "tiny-gemma4-e4b": ["--cache=f32"], "tiny-gemma4-moe": ["--cache=f32"], "tiny-gemma4-moe-odd": ["--cache=f32"],
         "tiny-gemma3n": ["--cache=f32"], "tiny-gemma3n-odd": ["--cache=f32"], "tiny-deepseek-v3": ["--cache=f32"], "tiny-deepseek-v3-fp8": ["--cache=f32"]}
FLAGS |= {f"tiny-{family}{odd}": ["--cache=f32"] for family in ("qwen3-moe", "mixtral", "granitemoe", "qwen2-moe", "llama4") for odd in ("", "-odd")}
FLAGS |= {shape: ["--cache=f32"] for shape in QWEN35 if "moe" in shape or "next" in shape}
FLAGS |= {shape: ["--cache=f32"] for shape in descendant_shapes.SHAPES if "granite" not in shape and "clovax" not in shape}
FLAGS |= {shape: ["--cache=f32"] for shape in LATENT if "glm" in shape or "sarvam" in shape}
FLAGS |= {shape: ["--cache=f32"] for shape in [*descendant_shapes.LATENT, *nested_text.SHAPES]}
TOKENS = 300
# The first rows all; later ones sparsely, so that the files stay small.
ROWS = [*range(16), *range(23, TOKENS, 12), TOKENS - 1]


def hold_features(folder, ids, logits):
    """Fails where the numbers would not tell that a feature is missing."""
    for name, others in features.switches(folder, ids):
        cosine = compare.measure(logits, others)["cosine"]
        multiple = float((others * logits).sum() / (logits * logits).sum())
        print(f"    without {name}: cosine {cosine:.6f}, {multiple:.3f} times the logits")
        if cosine > 0.9999 and abs(multiple - 1) < 0.01:
            sys.exit(f"error: {folder}: the numbers do not tell that it lacks {name}")


def token_ids():
    # Below 307, the smallest vocabulary; 3 is the first token that is not special.
    return random.Random(1).choices(range(3, 307), k=TOKENS)


def main():
    import numpy as np
    data = reference.environment.ROOT / "test" / "data"
    ids = token_ids()
    for shape, dtype in CASES:
        if sys.argv[1:] and shape not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            maker = reference.environment.ROOT / "tools" / "make-checkpoint"
            decoded = ["--decoded"] * shape.endswith("-fp8")  # which the reference computes with on GPUs alone
            subprocess.run([sys.executable, maker, folder, f"--shape={shape}", f"--dtype={dtype}", *decoded], check=True)
            logits = reference.logits(reference.load_model(folder), ids)
            print(f"{shape} {dtype}: logits' spread {logits.std():.2f}, "
                  f"{len(set(logits.argmax(axis=1).tolist()))} distinct best tokens in {TOKENS} rows", flush=True)
            hold_features(folder, ids, logits)
        np.save(data / f"{shape}-{dtype}.npy", logits[ROWS])
    cases = [{"shape": shape, "dtype": dtype, **({"flags": FLAGS[shape]} if shape in FLAGS else {})} for shape, dtype in CASES]
    (data / "tiny.json").write_text(json.dumps({"ids": ids, "rows": ROWS, "cases": cases}) + "\n")


if __name__ == "__main__":
    reference.environment.require("requirements-oracle.txt")
    main()
