"""What psfir keeps: the journal, the leases and the evidence, and what happens when there is no place to keep them."""
