"""What a stranger wrote, made fit to be shown: text, Markdown, HTML, pictures, outputs of cells.

Nothing in it acts, on a terminal or in a browser. What shows a student's text (a message, a page, a notebook)
takes it from here; templates escape what is plain text.
"""
