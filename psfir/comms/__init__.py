"""Communications: templates approved beforehand, filled with what the record supports, approved, sent once."""
