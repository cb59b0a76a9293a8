"""Clients: one file a vendor, the only place that imports its SDK, maps its errors and keeps its connections."""
