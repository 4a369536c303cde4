"""How much memory a process has held."""

import sys
from pathlib import Path


def peak_mib() -> int:
    """The most memory that this process has held, in MiB; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():  # of this program alone; `getrusage` would count what started it as well
        fields = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        return int(fields["VmHWM"].split()[0]) // 1024
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20
