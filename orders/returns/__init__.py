"""Goods that come back: asked for, approved, received, and settled by money or other goods."""
