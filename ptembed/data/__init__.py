"""Real data that works offline: the glosses of WordNet and a table of films. See ``PROVENANCE.md`` for the sources."""

from ptembed.data.films import Films, load_films
from ptembed.data.glosses import LEXNAMES, Glosses, load_glosses

__all__ = ["LEXNAMES", "Films", "Glosses", "load_films", "load_glosses"]
