#!/usr/bin/env python3
"""Build script of MedPayIQ. Run it as `.venv/bin/python build.py`; `--help` lists the commands."""

import os
import sys

if sys.version_info < (3, 11):
    sys.exit("MedPayIQ needs Python 3.11 or newer; this is " + sys.version.split()[0])

try:
    from medpayiq.cli import main
except ModuleNotFoundError as missing:
    sys.exit(f"{missing}. Run `make setup` once, then use `.venv/bin/python build.py`.")

if __name__ == "__main__":
    code = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = 141
    sys.stderr.flush()
    # A build leaves millions of small objects, which the interpreter would take apart one by one before it ends.
    os._exit(code)
