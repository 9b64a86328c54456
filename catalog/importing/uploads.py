"""A file that staff uploaded: kept until it is imported, tried first."""

import hashlib
from uuid import uuid4

from django.core.files.base import File
from django.db import transaction

from catalog.importing import runs
from catalog.importing.options import ImportOptions
from catalog.models import ImportRun


def take_upload(*, file: "File[bytes]", options: ImportOptions, actor_id: int | None) -> ImportRun:
    """Keep the file and ask for its dry run. Nothing of the catalogue changes yet.

    The file gets a name that nobody can guess: it may tell what the shop pays for its goods.
    """
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    run = runs.new_run(
        digest=digest.hexdigest(),
        name=file.name or "",
        options=options,
        is_dry_run=True,
        actor_id=actor_id,
    )
    # Before the row: a file that no row names does no harm, the reverse is an error.
    file.seek(0)
    run.file.save(f"{uuid4()}.csv", file, save=False)
    with transaction.atomic():
        run.save()
        runs.ask_for_slice(run.pk, key="first")
    return run
