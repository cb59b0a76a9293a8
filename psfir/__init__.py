"""psfir: incident response and kill switches for AI features in production.

This file stays empty but for the version, so that importing any room costs only that room.
"""

__version__ = "0.1.0"
