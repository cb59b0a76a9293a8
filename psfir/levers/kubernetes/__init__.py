"""Levers on Kubernetes: one file a lever, what they share about objects and owners beside them."""
