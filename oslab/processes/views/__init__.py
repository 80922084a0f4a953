"""Pictures of chapter 1."""
