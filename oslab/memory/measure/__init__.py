"""Chapter 3 on the real machine: chases over pages of two sizes, mapped files, first touches."""
