"""A status page as the messenger meets it: the API of incidents and components, and whoever is notified of them."""
