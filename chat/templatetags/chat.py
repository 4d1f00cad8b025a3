"""What people wrote, in templates."""

from django import template

from chat.text import shown

register = template.Library()
register.filter("shown", shown)
