from catalog.tests.imaging.conftest import media

__all__ = ["media"]
