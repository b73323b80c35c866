"""What should happen: pure functions over base, local and remote."""
