"""The outside world, one module each; none knows another."""
