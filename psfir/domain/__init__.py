"""The words of psfir as frozen values and pure functions: no clock, disk, network or logging reaches in here."""
