"""Courier APIs to develop against: a process of its own that speaks Biteship and RajaOngkir.

It shares nothing with the shop but HTTP. `POST /_sim/mode {"mode": "slow"}` makes it misbehave;
README.md beside this file tells how.
"""
