from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from accounts.factors import take_away
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Take the second step away from an account whose owner has lost it. The owner is told by "
        "mail; the log says that it was done here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: object, **options: str) -> None:
        user = User.objects.of_email(options["email"]).first()
        if user is None:
            raise CommandError("No account has this e-mail address.")
        if not take_away(user=user, by="manage.py"):
            raise CommandError("This account has no second step.")
        self.stdout.write("Taken away. Colleagues set one up anew when they open the admin.")
