"""`python -m tests.forgeries` prints the table of forgeries."""

import sys

from tests.forgeries.table import main

sys.exit(main())
