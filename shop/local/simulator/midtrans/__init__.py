"""The same simulator speaking Midtrans: Core API v2, Snap pages, signed notifications."""
