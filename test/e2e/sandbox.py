"""Places that give a program less than it asks for: no threads, a small stack, little memory."""
import contextlib
import ctypes
import os
import pathlib
import platform
import struct

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7FFF0000, 0x00050000
CLONE, CLONE3, CLONE_THREAD = {"x86_64": 56, "aarch64": 220}.get(platform.machine(), 56), 435, 0x10000
LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06  # of classic BPF
NUMBER, FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data
GROUPS = pathlib.Path("/sys/fs/cgroup")


def without_threads(error):
    """For subprocess: the system answers each new thread with this error, as sandboxes do."""
    program = [(LOAD, 0, 0, NUMBER), (EQUAL, 4, 0, CLONE3), (EQUAL, 0, 2, CLONE), (LOAD, 0, 0, FIRST_ARGUMENT),
               (ANY_BIT, 1, 0, CLONE_THREAD), (RETURN, 0, 0, SECCOMP_RET_ALLOW), (RETURN, 0, 0, SECCOMP_RET_ERRNO | error)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    description = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)

    def arm(_=code):  # lives as long as its address is known
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, description, 0, 0):
            raise OSError(ctypes.get_errno(), "no filter")
    return arm


@contextlib.contextmanager
def group(controller, **limits):
    """A control group of version 1 or 2 with these limits; gives what moves a process into it, for subprocess, or None where
    this user may make no groups."""
    parent = GROUPS / controller if (GROUPS / controller).is_dir() else GROUPS
    folder = parent / f"osscc-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        yield None
        return
    try:
        for name, value in limits.items():
            (folder / f"{controller}.{name}").write_text(str(value))
        yield lambda: (folder / "cgroup.procs").write_text(str(os.getpid()))
    except OSError:
        yield None
    finally:
        folder.rmdir()


def memory_group(limit):
    """A group that may have `limit` bytes."""
    version_one = (GROUPS / "memory").is_dir()
    return group("memory", **({"limit_in_bytes": limit} if version_one else {"max": limit}))


def forget(file):
    """Lets the system's cache of a file go: what reads it next waits for the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
