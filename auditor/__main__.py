"""`python -m auditor` is the `fmaudit` command."""

from auditor.cli import main

if __name__ == "__main__":
    main()
