"""Puts a script into a Python that has the pinned packages.

`require()` returns when the running interpreter has every package of a requirements file in its pinned version.
Otherwise it makes a virtual environment in build/venv once, installs the file there and starts the script again in it.
"""
import importlib.metadata
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "venv"


def pins(requirements):
    """(name, version) of each pinned line, files named by -r included."""
    for line in requirements.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r"):
            yield from pins(requirements.parent / line.split()[1])
        elif line:
            yield tuple(line.split("=="))


def missing(requirements):
    """The pinned packages that this interpreter lacks or has in another version (local suffixes such as +cpu aside)."""
    found = []
    for name, version in pins(requirements):
        try:
            if importlib.metadata.version(name).split("+")[0] != version:
                found.append(f"{name}=={version}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name}=={version}")
    return found


def require(name="requirements.txt"):
    """Returns in an interpreter that has the packages of tools/<name>; may replace the running process."""
    requirements = ROOT / "tools" / name
    lacking = missing(requirements)
    if not lacking:
        return
    python = VENV / "bin" / "python"
    if pathlib.Path(sys.prefix) == VENV:
        sys.exit(f"error: {VENV} lacks {', '.join(lacking)} after installing {requirements}\nhelp: remove {VENV} and try again")
    if not python.exists():
        print(f"making {VENV} for {', '.join(lacking)}", file=sys.stderr)
        if subprocess.run([sys.executable, "-m", "venv", VENV]).returncode:
            sys.exit("error: python3 cannot make a virtual environment\nhelp: apt-get install python3-venv python3-pip")
    # Quiet and without a version check: standard output belongs to the script.
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
    if subprocess.run(install, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode:
        sys.exit(f"error: pip could not install {requirements}\nhelp: see its message above")
    os.execv(python, [str(python), *sys.argv])
