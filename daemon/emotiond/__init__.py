"""emotiond reads the expressions of a whole room on a CPU and publishes them over MQTT."""

from importlib.metadata import version

__version__ = version("emotiond")
