"""The models that are measured: random weights in the shapes of real ones, as GGUF files for both sides."""
import subprocess
import sys

from environment import ROOT


MIXTURES = ("Q2_K_S", "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M")  # of llama.cpp's quantizer


def gguf(work, shape, storage, peer=None):
    """The file of a shape in a storage, made once in the folder `work`; a mixture of types by the quantizer of `peer`."""
    folder, out = work / shape, work / f"{shape}-{storage}.gguf"
    if not (folder / "model.safetensors").exists():
        print(f"making {folder}", file=sys.stderr)
        subprocess.run([sys.executable, ROOT / "tools/make-checkpoint", folder, f"--shape={shape}", "--dtype=bf16"], check=True)
    if not out.exists():
        print(f"making {out}", file=sys.stderr)
        partial = out.with_suffix(".partial")
        if storage not in MIXTURES:
            subprocess.run([sys.executable, ROOT / "tools/make-gguf", folder, partial, f"--type={storage}"], check=True)
        elif peer:
            peer.quantize(gguf(work, shape, "BF16"), partial, storage)
        else:
            sys.exit(f"error: {storage} is a mixture of llama.cpp's quantizer\nhelp: leave --peer=none out")
        partial.rename(out)
    return out


def compiled(osscc, model, activations, target):
    """The executable of a model, compiled anew: the compiler may have changed."""
    out = model.with_name(f"{model.stem}-{activations}-{target}")
    words = [osscc, model, f"--target={target}", f"--activations={activations}", "--context=4608", "-q", "-o", out]
    subprocess.run(words, check=True)
    return out
