"""Where the settings get their values from: the environment, or the file that `make run` writes."""

import os
from pathlib import Path

from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
# Real environment variables win, so a test or a server is never steered by a stray file.
env.read_env(os.environ.get("ENV_FILE", str(BASE_DIR / ".local" / "env")), recurse=False)
