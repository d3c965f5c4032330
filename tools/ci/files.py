"""The project's files as git sees them: tracked, or new and not ignored."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def project_files(*suffixes):
    """Paths from the root whose names end in one of `suffixes`, sorted."""
    command = ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted({name for name in names if name.endswith(suffixes) and (ROOT / name).is_file()})


def report(checked, failures):
    """Prints each failure and the closing line; returns the exit code."""
    for failure in failures:
        print(f"FAIL {failure}")
    print(f"{checked - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0
