"""Files in; lines, tables, pictures out: what ``emotiond analyze`` enters."""
