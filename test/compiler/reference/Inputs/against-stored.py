"""Evaluates a tiny model by osscc-eval over the ids of test/data/tiny.json; its logits equal transformers' to 1e-4.

against-stored.py MODEL.mlir CHECKPOINT_DIR SHAPE-DTYPE SCRATCH
"""
import json
import pathlib
import subprocess
import sys

import numpy

model, checkpoint, case, scratch = sys.argv[1:]
data = pathlib.Path(__file__).resolve().parents[3] / "data"
tiny = json.loads((data / "tiny.json").read_text())
ids, out = pathlib.Path(scratch, "ids.json"), pathlib.Path(scratch, "logits.npy")
ids.write_text(json.dumps(tiny["ids"]))
subprocess.run(["osscc-eval", model, f"--weights={checkpoint}", f"--ids={ids}", f"--logits={out}"], check=True)
distance = abs(numpy.load(out)[tiny["rows"]] - numpy.load(data / f"{case}.npy")).max()
print(f"{case}: largest difference {distance:.2g}")
sys.exit(not distance < 1e-4)
