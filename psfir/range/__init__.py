"""The simulated estate: loopback servers that official clients talk to unchanged, and faults on the wire to them."""
