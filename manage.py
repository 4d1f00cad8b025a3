#!/usr/bin/env python
"""Entry to Django's management commands."""

from portal.command import main

if __name__ == "__main__":
    main()
