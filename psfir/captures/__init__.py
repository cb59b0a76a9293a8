"""What psfir can keep as evidence: one file a kind."""
