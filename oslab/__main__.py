"""``python -m oslab``: open the course in JupyterLab, or run one of its commands."""

import sys

from oslab.course.commands import main

if __name__ == "__main__":
    sys.exit(main())
