"""Levers on LaunchDarkly: a flag, the trigger of a flag, and the targeting of an AI Config."""
