# Two commands: `make run` starts the shop, `make test` proves it.
PYTHON ?= python3
VENV := .venv/bin/python
# -I: the modules beside the script must not pass for standard ones.
BOOTSTRAP := $(PYTHON) -I shop/local/bootstrap.py
ARGS ?=
UV = $(shell command -v uv || echo .venv/uv/bin/uv)
LOCK := --upgrade --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: help run staff-code test coverage mutants fuzz drill-totals drill-oversell drill-orders drill-cards drill-timing drill-money drill-crash drill-faults lint clients bench bench-orders bench-import translations shell lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

run: ## start the whole shop on this machine; Ctrl-C stops it
	@$(BOOTSTRAP) local
	@$(VENV) -m shop.local run $(ARGS)

staff-code: ## the code that the admin's sign-in asks for, in the shop that make run started
	@$(VENV) -m shop.local staff-code $(ARGS)

test: ## run all tests, e.g. make test ARGS="-k checkout"
	@$(BOOTSTRAP) dev
	@$(VENV) -m shop.local test -- $(ARGS)

coverage: ## which branches of orders and payments no test takes; fails below 95 %
	@$(BOOTSTRAP) dev
	@$(VENV) -m shop.local test -- --cov --cov-config=pyproject.toml $(ARGS)

mutants: ## take away one guard at a time; a test must notice each
	@$(BOOTSTRAP) dev
	@$(VENV) -m shop.local.testing -- $(VENV) -m tests.mutants $(ARGS)

fuzz: ## ask a running shop 50,000 things that its API's document allows or not; ARGS="--seed 7" asks the same again
	@$(BOOTSTRAP) dev
	@$(VENV) -m tests.fuzzing $(ARGS)

drill-totals: ## compute 100,000 random baskets against exact fractions
	@$(BOOTSTRAP) dev
	@DRILL_BASKETS=100000 $(VENV) -m shop.local.testing -- pytest -q -n 2 orders/tests/pricing/test_random_baskets.py

drill-oversell: ## 500 buyers for 50 units, twenty times, and other crowds: nothing is sold twice
	@$(BOOTSTRAP) dev
	@$(VENV) -m shop.local.testing -- $(VENV) -m drills $(ARGS)

drill-orders: ## hundreds of random lives of orders; the books must stay right after every step
	@$(BOOTSTRAP) dev
	@DRILL_ORDERS=300 DRILL_ORDERS_STEPS=40 $(VENV) -m shop.local.testing -- pytest -q -n 0 payments/tests/books/test_any_order_of_events.py

drill-cards: ## a hundred orders at once with one gift card, fifty times: its balance is never negative
	@$(BOOTSTRAP) dev
	@DRILL_CARD_ORDERS=100 DRILL_CARD_ROUNDS=50 $(VENV) -m shop.local.testing -- pytest -q -n 0 payments/tests/credit/test_races.py -k a_card_in_many

drill-timing: ## known and unknown e-mail addresses take as long, in 200 pairs for each way of asking
	@$(BOOTSTRAP) dev
	@ENUMERATION_PAIRS=200 $(VENV) -m shop.local.testing -- pytest -q -n 0 tests/test_enumeration.py

drill-money: ## 20,000 random steps of everything that moves money; ARGS="--seed 7 --steps 500" plays one run again
	@$(BOOTSTRAP) dev
	@$(VENV) -m shop.local.testing -- $(VENV) -m drills.money $(ARGS)

drill-crash: ## kill -9 of every part of a running shop, 25 times each: nothing is lost, nobody pays twice
	@$(BOOTSTRAP) local
	@$(VENV) -m drills.crash $(ARGS)

drill-faults: ## take parts away, freeze, fill and slow them: the shop does what it promises
	@$(BOOTSTRAP) local
	@$(VENV) -m drills.faults $(ARGS)

lint: ## run all checks of style, types, layers, templates, migrations and translations
	@$(BOOTSTRAP) dev
	@$(VENV) -m shop.local.testing -- $(VENV) -m shop.local lint

clients: ## write clients/ anew after a change of the API
	@$(BOOTSTRAP) dev
	@$(VENV) -m shop.local.testing -- $(VENV) -m shop.local clients

bench: ## measure the pages of shops with 10,000 and 1,000,000 products (takes half an hour the first time)
	@$(BOOTSTRAP) dev
	@$(VENV) -m bench $(ARGS)

bench-orders: ## measure what an order costs, from the cart to the paid order (takes half an hour the first time)
	@$(BOOTSTRAP) dev
	@$(VENV) -m bench.orders $(ARGS)

bench-import: ## measure the import of 1,000,000 rows, and of the same file once more
	@$(BOOTSTRAP) dev
	@$(VENV) -m bench.importing $(ARGS)

translations: ## add new texts to the translation files, drop unused ones
	@$(BOOTSTRAP) dev
	@$(VENV) -m shop.local translations update

shell: ## a Python shell in the shop that make run started
	@$(VENV) manage.py shell

lock: ## pin the newest versions that requirements*.in allow
	@$(BOOTSTRAP) dev
	@set -e; for set in requirements requirements-local requirements-dev; do echo $$set.in; $(UV) pip compile $$set.in -o $$set.txt $(LOCK); done
	@$(UV) pip compile shop/local/uv.in -o shop/local/uv.txt $(LOCK)

clean: ## remove the local data: database, mails, logs, caches (not the environment)
	@$(PYTHON) -I shop/local/clean.py
