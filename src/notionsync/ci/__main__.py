"""`python -I -m notionsync.ci`: the Action's one step."""

from __future__ import annotations

import os
import sys

from notionsync.ci.run import main

if __name__ == "__main__":
    sys.exit(main(os.environ))
