"""The exceptions desk: what staff do about money that does not fit."""
