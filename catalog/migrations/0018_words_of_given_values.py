from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0018_words_of_given_values.sql"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0017_words_in_order")]
    # Backwards nothing: the function that stays gives the same words.
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
