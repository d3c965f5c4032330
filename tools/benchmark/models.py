"""The models that are measured: random weights in the shapes of real ones, as GGUF files for both sides."""
import subprocess
import sys

from environment import ROOT


def gguf(work, shape, storage):
    """The file of a shape in a storage, made once in the folder `work`."""
    folder, out = work / shape, work / f"{shape}-{storage}.gguf"
    if not (folder / "model.safetensors").exists():
        print(f"making {folder}", file=sys.stderr)
        subprocess.run([sys.executable, ROOT / "tools/make-checkpoint", folder, f"--shape={shape}", "--dtype=bf16"], check=True)
    if not out.exists():
        print(f"making {out}", file=sys.stderr)
        partial = out.with_suffix(".partial")
        subprocess.run([sys.executable, ROOT / "tools/make-gguf", folder, partial, f"--type={storage}"], check=True)
        partial.rename(out)
    return out


def compiled(osscc, model, activations):
    """The executable of a model, compiled anew: the compiler may have changed."""
    out = model.with_name(f"{model.stem}-{activations}")
    words = [osscc, model, "--target=native", f"--activations={activations}", "--context=4608", "-q", "-o", out]
    subprocess.run(words, check=True)
    return out
