"""Probes on Kubernetes: which pods run, and which of them a Service sends traffic to."""
