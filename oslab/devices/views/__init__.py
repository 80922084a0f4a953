"""Pictures of devices: lanes, load curves, a pipe, rings, bills, races, rates."""
