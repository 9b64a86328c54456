"""A payment gateway to develop against: a process of its own that speaks Xendit's Payments API v3.

It shares nothing with the shop but HTTP. README.md beside this file tells how to drive it.
"""
