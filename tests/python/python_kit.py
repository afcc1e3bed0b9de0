"""A Python with the packages that a test needs: Debian's own, where the one that runs the tests has not got them."""
import os
import subprocess
import sys

SKIPPED = 77  # what CTest is told


def missing_from(python, packages):
    try:
        return [name for name in packages
                if subprocess.run([python, "-c", f"import {name}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode]
    except FileNotFoundError:
        return packages


def use_python_with(packages, debian):
    """Starts this program again with a Python that has `packages`, or ends it as skipped. `debian`: what apt-get calls them."""
    for python in (sys.executable, os.environ.get("MITOLOOM_PYTHON") or "/usr/bin/python3"):
        if not missing_from(python, packages):
            os.environ["MITOLOOM_PYTHON"] = python
            if python != sys.executable:
                os.execv(python, [python, *sys.argv])
            return
    print(f"skipped: no Python here has {', '.join(packages)}; apt-get install {debian}")
    sys.exit(SKIPPED)
