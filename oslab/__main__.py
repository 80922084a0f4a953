"""``python -m oslab``: open the course in JupyterLab."""

import sys

from oslab.course.launch import main

if __name__ == "__main__":
    sys.exit(main())
