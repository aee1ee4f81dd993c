"""Runs the entry point that the command line names: `python PYTHON/unsynced manifest`.

The user's project must find its own modules and not ours, so that no folder of ours stays on Python's path.
"""

import os
import sys
from importlib import import_module

# Python puts this folder there, in which modules have names like those of other packages.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
entry = import_module(f"unsynced.{sys.argv[1]}")
del sys.path[0]
entry.main()
