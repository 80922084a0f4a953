"""What touches the machine: capabilities, probes, C programs, recorded runs.  Knows no chapter."""
