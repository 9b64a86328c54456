import os

from django.core.management.base import BaseCommand

from catalog.listing import bits
from catalog.listing.refresh import rewrite, write_settings
from catalog.models import Product
from catalog.roll_ups import count_words

BATCH = 500


class Command(BaseCommand):
    help = (
        "Write all listings, facet counts and search words anew: after a change of the currency, "
        "the price ranges or the way they are derived. The shop may be open meanwhile."
    )

    def handle(self, *args: object, **options: object) -> None:
        write_settings()
        last, done = 0, 0
        total = Product.objects.count()
        while pks := list(
            Product.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
        ):
            rewrite(pks)
            last, done = pks[-1], done + len(pks)
            self.stdout.write(f"{done} of {total} products", ending=self._ending())
        bits.rebuild_all()
        count_words()
        self.stdout.write(f"{total} products, facet counts and words written")

    def _ending(self) -> str:
        """On a terminal each line replaces the one before."""
        is_terminal = getattr(self.stdout, "isatty", lambda: False)()
        return "\r" if is_terminal and os.environ.get("TERM") != "dumb" else "\n"
