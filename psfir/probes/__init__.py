"""What psfir can look at from the consumer's side: one file a kind."""
