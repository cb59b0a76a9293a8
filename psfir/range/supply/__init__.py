"""What a workspace's own runbooks name, made on the range, so that a team rehearses on its own system."""
