#!/usr/bin/env python3
"""The same command gives the same bytes: five compilations under five surroundings."""
import hashlib
import os
import shutil
import tempfile

import harness

# What may differ between two people who type the same command.
SURROUNDINGS = [{"TZ": "UTC", "LANG": "C", "jobs": "1", "umask": 0o022},
                {"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "jobs": "2", "umask": 0o077},
                {"TZ": "America/Lima", "LANG": "tr_TR.UTF-8", "jobs": "3", "umask": 0o002},
                {"TZ": "UTC", "LC_ALL": "C.UTF-8", "jobs": "2", "umask": 0o027},
                {"TZ": "Pacific/Apia", "LANG": "C", "jobs": "1", "umask": 0o000}]


def digest(folder, surroundings):
    """sha256 of the executable compiled from a copy of the checkpoint in a fresh folder."""
    with tempfile.TemporaryDirectory(prefix="osscc-" + "x" * (os.urandom(1)[0] % 100)) as place:
        shutil.copytree(folder, f"{place}/model")
        os.mkdir(f"{place}/tmp")
        names = {name: value for name, value in surroundings.items() if name not in ("jobs", "umask")}
        before = os.umask(surroundings["umask"])
        result = harness.run(harness.OSSCC, "model/model.safetensors", "--target=x86-64-v3", "-j", surroundings["jobs"],
                             "-o", "out", cwd=place, env={"PATH": os.environ["PATH"], "TMPDIR": f"{place}/tmp", **names})
        os.umask(before)
        if not harness.check(f"compiles with {names}", result.returncode == 0, harness.last_line(result)):
            return None
        return hashlib.sha256(open(f"{place}/out", "rb").read()).hexdigest()


def main():
    for folder in (harness.tiny("tiny-odd"), harness.smollm2("bf16")):
        digests = [digest(folder, surroundings) for surroundings in SURROUNDINGS]
        harness.check(f"{folder.name}: five equal executables", len(set(digests)) == 1, digests)
    harness.finish()


if __name__ == "__main__":
    main()
