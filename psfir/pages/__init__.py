"""Documents for people to keep: what is to be read as blocks of text, out of Markdown, into HTML, Word and PDF."""
