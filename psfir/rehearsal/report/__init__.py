"""What a drill came to, written down: worked out from its scenario, its log and its record, and nothing else."""
