"""What psfir can pull: one folder a vendor, one file a lever."""
