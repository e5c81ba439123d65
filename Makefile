# Everything from a fresh clone to a running and a tested site; `make help` lists it.
#
# Settings (docs/settings.md) given to make reach the program as environment variables:
#     make run DATABASE_URL=mysql+aiomysql://user:password@host/database TABLE_PREFIX=qa_ PORT=9000
# Make itself takes a dollar sign for its own; write one in a password as %24.

.DEFAULT_GOAL := help
.PHONY: help run test check fix schema graphiql package lock bench bench-start load clean audits \
	emulators deployer dev FORCE

python := .venv/bin/python
pip := $(python) -m pip install -qq --disable-pip-version-check --no-input
pytest := $(python) -m pytest -n auto --maxprocesses 4

# What was installed or built leaves a file with a checksum of its sources in its name: the times
# of files mean nothing after a git checkout. A virtual environment cannot be moved, so that the
# folder counts as well.
checksum = $(shell (echo '$(CURDIR)'; cat $(1)) | cksum | cut -d' ' -f1)
venv := .venv/made-$(call checksum,/dev/null)
runtime := .venv/runtime-$(call checksum,requirements/build.txt requirements/runtime.txt pyproject.toml)
development := .venv/development-$(call checksum,requirements/dev.txt)
explorer := var/graphiql/built-$(call checksum,$(sort $(wildcard graphiql/*.js* graphiql/*.css)))
auditor := tests/http/node_modules/installed-$(call checksum,tests/http/package-lock.json)
deployer := deploy/node_modules/installed-$(call checksum,deploy/package-lock.json)
artillery := benchmarks/load/node_modules/installed-$(call checksum,benchmarks/load/package-lock.json)
emulator := tests/auth/node_modules/installed-$(call checksum,tests/auth/package-lock.json)

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run: $(runtime) ## install, make a demo site unless DATABASE_URL names another, and serve it
	@if command -v npm >/dev/null 2>&1; then $(MAKE) -s graphiql; else false; fi \
		|| echo "GraphiQL is not built (that takes Node 18 or newer): /graphql will load it from a CDN."
	@exec .venv/bin/waggle serve --prepare

test: dev ## install what the tests need and run all of them
	@scripts/install-test-programs
	@$(MAKE) -s graphiql audits emulators deployer
	@$(pytest)

check: dev ## format, lint, types, import contracts, schema snapshot and the fast tests
	@.venv/bin/ruff format --check --quiet || { echo "Formatting differs: make fix"; exit 1; }
	@.venv/bin/ruff check --quiet
	@.venv/bin/mypy --no-error-summary
	@report=$$(.venv/bin/lint-imports --no-logo) || { echo "$$report"; exit 1; }
	@.venv/bin/waggle schema | diff -u schema/schema.graphql - \
		|| { echo "The committed schema differs: make schema"; exit 1; }
	@$(pytest) -m "not mariadb and not browser and not node"

fix: dev ## format the code and mend what ruff can
	@.venv/bin/ruff check --fix --quiet || true
	@.venv/bin/ruff format --quiet

schema: $(runtime) ## write schema/schema.graphql
	@.venv/bin/waggle schema > schema/schema.new
	@mv schema/schema.new schema/schema.graphql

graphiql: $(explorer) ## build GraphiQL, so that the explorer needs no CDN

lock: $(venv) ## renew requirements/*.txt from *.in (UPGRADE=--upgrade for newer versions)
	@$(pip) uv
	@for name in build runtime datadog opentelemetry dev; do (cd requirements && ../$(python) -m uv pip compile --quiet \
		--no-config --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url $(UPGRADE) $$name.in -o $$name.txt) || exit 1; done

package: $(venv) $(deployer) ## build and check in var/package what a deployment to AWS uploads (STAGE=prod; needs npm)
	@scripts/package $(STAGE)

bench: dev ## CPU a request on a large site (ARGUMENTS="--peers --save peers"; benchmarks/README.md)
	@scripts/install-benchmark-programs
	@$(python) -m benchmarks $(ARGUMENTS)

load: dev $(artillery) ## play visitors with Artillery (ARGUMENTS="burst"; docs/monitoring.md)
	@scripts/install-benchmark-programs
	@$(python) -m benchmarks.artillery $(ARGUMENTS)

bench-start: dev ## CPU from the start of a process to its first answer
	@$(python) -m benchmarks.start

clean: ## remove what was installed and built; the data in var/ stays
	@rm -rf .venv graphiql/node_modules tests/*/node_modules benchmarks/peers/node_modules \
		benchmarks/load/node_modules deploy/node_modules *.egg-info \
		var/graphiql var/lambda var/package \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

dev: $(development)

audits: $(auditor)

emulators: $(emulator)

deployer: $(deployer)

$(venv): $(shell test -x $(python) || echo FORCE)
	@scripts/make-venv .venv
	@touch $@

$(runtime): $(venv)
	@echo "Installing Waggle into .venv ..."
	@$(pip) --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	@$(pip) --no-deps --no-build-isolation --editable .
	@rm -f .venv/runtime-* && touch $@

$(development): $(runtime)
	@echo "Installing what the tests need into .venv ..."
	@$(pip) --require-hashes -r requirements/dev.txt
	@rm -f .venv/development-* && touch $@

$(explorer):
	@echo "Building GraphiQL ..."
	@cd graphiql && npm ci --silent --ignore-scripts --no-audit --no-fund
	@rm -rf var/graphiql && cd graphiql && npm run --silent build
	@touch $@

$(auditor):
	@cd tests/http && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(emulator):
	@cd tests/auth && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(deployer):
	@cd deploy && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(artillery):
	@echo "Installing Artillery (600 MB) ..."
	@cd benchmarks/load && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
		npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@
