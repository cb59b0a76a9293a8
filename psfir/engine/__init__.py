"""The kill: one verb a file. Synchronous, and handed everything it touches: levers, probes, journal, clock."""
