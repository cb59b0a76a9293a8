"""Captures on Kubernetes: what pods said, and how their objects stood, before they were touched."""
