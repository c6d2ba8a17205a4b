"""Runs commands as whole processes and tells the time and the peak memory of each, as JSON.

A process of its own, and small: a child counts the memory of who started it as its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main() -> None:
    """Run every command of the JSON list in the first argument; stop at one that fails."""
    results = []
    for command in json.loads(sys.argv[1]):
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        # Kilobytes on Linux, bytes on macOS; the largest of the process and its children.
        unit = 1 if sys.platform == "darwin" else 1024
        results.append(
            {
                "seconds": seconds,
                "peak_mb": usage.ru_maxrss * unit / 1e6,
                "status": child.returncode,
            }
        )
        if child.returncode:
            break
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main()
