"""Everything that can go wrong on the range, by name: on the wire, in a vendor's meaning, in the assistant itself."""
