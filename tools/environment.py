"""Finds or makes a Python that has the pinned packages.

The running interpreter serves if it has every package of a requirements file in its pinned version. Otherwise there is
a virtual environment in build/venv, made once, with the file installed.
"""
import fcntl
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
    """The pinned packages that this interpreter lacks or has in another version (suffixes such as +cpu aside)."""
    found = []
    for name, version in pins(requirements):
        try:
            if importlib.metadata.version(name).split("+")[0] != version:
                found.append(f"{name}=={version}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name}=={version}")
    return found


def interpreter(name="requirements.txt"):
    """The path of a Python that has the packages of tools/<name>; installs them if need be."""
    requirements = ROOT / "tools" / name
    lacking = missing(requirements)
    if not lacking:
        return sys.executable
    VENV.parent.mkdir(exist_ok=True)
    with open(VENV.with_suffix(".lock"), "w") as lock:  # several programs may want it at a time
        fcntl.flock(lock, fcntl.LOCK_EX)
        return installed(name, requirements, lacking)


def installed(name, requirements, lacking):
    """The Python of build/venv, with the packages of a file installed if need be."""
    python = VENV / "bin" / "python"
    if python.exists() and subprocess.run([python, __file__, name], stdout=subprocess.DEVNULL).returncode == 0:
        return str(python)
    print(f"installing {', '.join(lacking)} into {VENV}", file=sys.stderr)
    if not python.exists() and subprocess.run([sys.executable, "-m", "venv", VENV], stdout=sys.stderr).returncode:
        sys.exit("error: python3 cannot make a virtual environment\nhelp: apt-get install python3-venv python3-pip")
    # Standard output belongs to the calling script.
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
    if subprocess.run(install, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode:
        sys.exit(f"error: pip could not install {requirements}\nhelp: see its message above")
    return str(python)


def require(name="requirements.txt"):
    """Returns in an interpreter that has the packages of tools/<name>; replaces the running process if it must."""
    python = interpreter(name)
    if python != sys.executable:
        os.execv(python, [python, *sys.argv])


if __name__ == "__main__":
    sys.exit(1 if missing(ROOT / "tools" / sys.argv[1]) else 0)
