"""Resources: found, read, written, reviewed, and taken away as a feed."""

from haln.views.resources import feeds, index, one, pictures, reviews, writing
from haln.views.resources.base import blueprint

__all__ = ["blueprint", "feeds", "index", "one", "pictures", "reviews", "writing"]
