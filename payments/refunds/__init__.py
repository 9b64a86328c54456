"""Giving money back: planned when it is owed, approved, sent by the money loop or by hand, booked.

A refund holds its money back at a receipt (`refund_pending_minor`) until it ends: no more can ever
go back than came.
"""
