"""Pictures of chapter 5."""
