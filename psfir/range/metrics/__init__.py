"""What a Prometheus says that scrapes the gateway of the range's assistant.

The gateway counts, a scrape takes samples of what it has counted, and queries are answered from the samples alone: so
numbers lag, grow old and go missing here as they do there.
"""
