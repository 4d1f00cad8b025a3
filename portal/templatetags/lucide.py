"""Icons for templates, each drawn once: to draw thirty anew took 1.3 ms of every page."""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

MOST = 1024
"""How many are kept: each name in each size and class."""

register = template.Library()
register.simple_tag(lru_cache(MOST)(lucide), name="lucide")
