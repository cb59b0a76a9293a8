"""Levers on flag files as flagd reads them."""
