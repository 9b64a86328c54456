"""Drills: many buyers at once against servers of their own, to see that nothing is sold twice.

`make drill-oversell` runs them all; `manage.py oversell_drill` one for a variant that is about to
be sold. Neither touches the shop's own database.
"""
