"""Files to words: everything people write is read here, checked whole, and never seen raw any deeper."""
