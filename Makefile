# The front door. Each target installs what the machine lacks, from Debian's packages.

LISTEN ?= 127.0.0.1:8000
DATA ?= callboard-data
SUITES ?=
RULES ?=
SECONDS ?= 60
TARGETS ?=
DATABASE ?=
RUNS ?= 20
SEED ?=

# What one clone has compiled serves another, wherever it lies.
export CCACHE_BASEDIR := $(CURDIR)

INSTALL := tools/install_packages
JOBS := $(shell nproc)

.DEFAULT_GOAL := help
.PHONY: help run test bench lint fuzz faults format ci

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | \
	  awk -F '\t' '{printf "  make %-8s %s\n", $$1, $$2}'

run: ## Build and start a demo server (LISTEN=127.0.0.1:8000 DATA=callboard-data)
	@$(INSTALL) build
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS) --target callboard
	@exec build/release/callboard serve --demo --data $(DATA) --listen $(LISTEN)

test: ## Run every suite, or some: SUITES="unit api" (FUZZ_SECONDS=0 leaves fuzzing out)
	@$(INSTALL) build test lint sdk fuzz
	@tools/run_tests $(SUITES)

bench: ## Measure against nginx, a bare epoll loop, other queues (DATABASE=postgres: and pgbench)
	@$(INSTALL) build bench test
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS)
	@DATABASE=$(or $(DATABASE),sqlite) bench/run

lint: ## Check the house rules, or some: RULES="check_layers check_format"
	@$(INSTALL) build test lint sdk
	@tools/lint $(RULES)

fuzz: ## Fuzz every target, or some: TARGETS="http token" SECONDS=60
	@$(INSTALL) build fuzz
	@tools/fuzz --seconds $(SECONDS) $(TARGETS)

faults: ## Kill and starve reminders at random (RUNS=20 SEED=7 DATABASE=sqlite, postgres or both)
	@$(INSTALL) build test
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS) --target callboard
	@tests/faults/run.py --runs $(RUNS) $(if $(SEED),--seed $(SEED)) \
	  --database $(or $(DATABASE),both)

format: ## Format all C++ as .clang-format says
	@$(INSTALL) lint
	@find src tests bench -name '*.[ch]pp' -print0 | xargs -0 clang-format-19 -i

ci: ## What CI runs, on this checkout
	@.ci/run
