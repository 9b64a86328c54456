"""`manage.py check_ratings`: is the rating of every product what its published reviews say?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.reviews.ratings import wrong_ratings


class Command(BaseCommand):
    help = "Compare the ratings of products with their published reviews; fails if one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = [
            f"product {each.product_pk}: {each.told[0]} stars in {each.told[1]} reviews,"
            f" really {each.true[0]} in {each.true[1]}"
            for each in wrong_ratings()
        ]
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("every rating is right")
