"""`python -m shop.local run | staff-code | test | lint | clients | translations update`"""

import sys
from collections.abc import Sequence

from shop.local import chromium, lint, messages, run, staff_code, testing, translations
from shop.local.clients import writing


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["run", *rest]:
            return run.main(rest)
        case ["staff-code", *rest]:
            return staff_code.main(rest)
        case ["test", *rest]:
            return test(rest)
        case ["lint"]:
            return lint.main()
        case ["clients"]:
            return writing.write()
        case ["translations", "update"]:
            print(messages.update())
            return 0
    print(__doc__, file=sys.stderr)
    return 2


def test(arguments: Sequence[str]) -> int:
    given = list(arguments[1:] if arguments[:1] == ["--"] else arguments)
    chromium.provide()
    translations.compile_all()
    return testing.main([sys.executable, "-m", "pytest", "-n", "auto", *given])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
