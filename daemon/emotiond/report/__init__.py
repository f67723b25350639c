"""What a recording looks like: tables, timelines, and a page to read."""
