"""Probes on AWS: what its metrics say, and what IAM would decide."""
