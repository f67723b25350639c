"""A live view in a terminal, over MQTT: what ``emotiond watch`` enters."""
