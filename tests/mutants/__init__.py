"""Mutants: patches that take one guard away, each of which some test must notice.

`make mutants` applies each to a copy of the project and runs the tests it names. One that no test
notices survives, and the run fails: then a guard is not tested, or is none.

A mutant is `<name>.patch`: lines of text, `Tests:` with the tests that must go red, then a diff.
"""
