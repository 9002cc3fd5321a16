# The door to racetrack. Each target installs what it needs (scripts/setup), so a fresh clone needs only git and make.
# On a system without apt, install the equivalents of the packages that scripts/setup names and pass SETUP=true.

SETUP ?= scripts/setup
PYTHON := /usr/bin/python3
PRESET ?= release
JOBS ?= $(shell nproc)

# $(call option,--name,VAR) is "--name 'value'" when VAR is set; $(value) keeps a regular expression's "$" as written.
apostrophe := '
quote = '$(subst $(apostrophe),'\'',$(value $1))'
option = $(if $(value $2),$1 $(call quote,$2))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:
.PHONY: help setup build bench stress tsan explore report compare calibrate history test lint overhead evidence explore-bench all-checks mutants clean setup-bench setup-test setup-lint

help: ## list the targets
	@echo 'racetrack: make TARGET [VARIABLE=value]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo '  Debian 12: missing packages are installed first (as root, or through sudo).'
	@echo '  Elsewhere: install the equivalents of what scripts/setup --list names, then add SETUP=true.'

setup: ## install every package that building, reporting, testing and linting need
	@$(SETUP) build report test lint

# The tests are a part of the same tree, switched on by the targets that need them.
BUILD_TESTING := OFF
test lint overhead evidence all-checks: BUILD_TESTING := ON

build: ## build the harness and the subjects into build/release (PRESET=debug|tsan|asan|explore for others)
	@$(SETUP) build
	@cmake --preset $(PRESET) -DBUILD_TESTING=$(BUILD_TESTING) $(CMAKE_ARGS)
	@cmake --build --preset $(PRESET) --parallel $(JOBS)

# One process from here on: the script takes Ctrl-C itself, keeps what was measured and says so.
bench: setup-bench build ## race everything and open the way to the report (FULL=1, RUN=name, FILTER=regex, BENCH_ARGS='...')
	@exec scripts/bench $(if $(FULL),--full) $(call option,--run,RUN) $(BENCH_ARGS) $(if $(FILTER),$(call quote,FILTER))

# ThreadSanitizer has a build tree of its own, also when another target of the same call builds the usual one.
stress: setup-bench build ## right or wrong? disturbed rounds, oracles, deadlock detector (RUN=name, FILTER=regex, STRESS_ARGS='--time 5')
	@cmake --build --preset $(PRESET) --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@exec scripts/stress $(call option,--run,RUN) $(STRESS_ARGS) $(if $(FILTER),$(call quote,FILTER))

tsan: setup-bench ## watch every scenario for data races with ThreadSanitizer (RUN=name, FILTER=regex, TSAN_ARGS='...')
	@$(MAKE) --no-print-directory build PRESET=tsan BUILD_TESTING=OFF
	@cmake --build --preset tsan --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@exec scripts/tsan $(call option,--run,RUN) $(TSAN_ARGS) $(if $(FILTER),$(call quote,FILTER))

explore: setup-bench ## try very many schedules of every scenario, deterministic and replayable (RUN=name, FILTER=regex, EXPLORE_ARGS='--time 10')
	@$(MAKE) --no-print-directory build PRESET=explore BUILD_TESTING=OFF
	@cmake --build --preset explore --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@exec scripts/explore $(call option,--run,RUN) $(EXPLORE_ARGS) $(if $(FILTER),$(call quote,FILTER))

report: ## write the page of a run again (RUN=name; the latest run without it)
	@$(SETUP) report
	@exec scripts/report $(call option,--run,RUN) $(REPORT_ARGS)

# make turns every failure into its own 2: where the exit code matters (CI), call scripts/compare.
compare: setup-bench ## did my change slow it down? (OLD=... NEW=...: build trees, plugins, subjects or runs; COMPARE_ARGS='--plan')
	@exec scripts/compare $(call quote,OLD) $(call quote,NEW) $(COMPARE_ARGS)

calibrate: setup-bench build ## measure the noise floor of this machine: build/release against itself (CALIBRATE_ARGS='--comparisons 20')
	@exec scripts/calibrate build/$(PRESET) $(CALIBRATE_ARGS)

history: ## a series per case over the runs of this machine, and where it changed (HISTORY_ARGS='RUN...')
	@$(SETUP) report
	@exec scripts/history $(HISTORY_ARGS)

# The tests of `racetrack explore` want its racetrack too, and a few plugins; those of the explorer itself do not.
test: setup-test build ## run every test: C++, Python and browser (TEST_ARGS='-k word' goes to pytest)
	@cmake --preset explore -DBUILD_TESTING=ON $(CMAKE_ARGS)
	@cmake --build --preset explore --parallel $(JOBS) --target racetrack unexplorable uninstrumented
	@exec scripts/test --build build/$(PRESET) --jobs $(JOBS) -- $(TEST_ARGS)

lint: setup-lint build ## check format, warnings, types, include direction and tracked files (STEPS='format python ...' for some)
	@exec scripts/lint $(STEPS)

overhead: setup-test build ## measure what the harness costs, and whether it measures what is there
	@exec scripts/overhead --build build/$(PRESET) $(OVERHEAD_ARGS)

explore-bench: setup-test ## the explorer's power: how soon it finds known faults, its silence, litmus tests, mutants (RUN=, FILTER=, POWER_ARGS='--seeds 50'); its speed (FLOOR=folder, RELACY=clone)
	@$(MAKE) --no-print-directory build BUILD_TESTING=ON CMAKE_ARGS='-DRACETRACK_EXPLORE_FLOOR=$(abspath $(FLOOR)) -DRACETRACK_RELACY=$(abspath $(RELACY))'
	@$(if $(FLOOR)$(RELACY),:,echo 'speed beside other explorers is left out: neither FLOOR nor RELACY names a folder')
	@$(MAKE) --no-print-directory build PRESET=explore BUILD_TESTING=OFF
	@cmake --build --preset explore --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@worst=0; scripts/explore_power $(call option,--run,RUN) $(POWER_ARGS) $(if $(FILTER),$(call quote,FILTER)) || worst=$$?; \
	$(if $(FLOOR)$(RELACY),[ $$worst -gt 1 ] || scripts/explore_bench --build build/$(PRESET) $(call option,--run,RUN) || worst=$$?;) \
	$(if $(FILTER),,[ $$worst -gt 1 ] || scripts/litmus --build build/$(PRESET) $(call option,--run,RUN) || worst=$$?; \
	[ $$worst -gt 1 ] || scripts/mutants --build build/$(PRESET) $(call option,--run,RUN) || worst=$$?;) exit $$worst

all-checks: setup-test build ## bench, stress, tsan, explore in both memory models, litmus tests and mutants: all on one page (RUN=name, FILTER=regex)
	@cmake --build --preset $(PRESET) --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@$(MAKE) --no-print-directory build PRESET=tsan BUILD_TESTING=OFF
	@cmake --build --preset tsan --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@$(MAKE) --no-print-directory build PRESET=explore BUILD_TESTING=OFF
	@cmake --build --preset explore --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@exec scripts/all_checks $(call option,--run,RUN) $(if $(FILTER),$(call quote,FILTER))

mutants: setup-test ## how strong are the tests? every memory order of our own headers weakened in turn (RUN=name, FILTER=regex, MUTANTS_ARGS='--list')
	@cmake --preset $(PRESET) -DBUILD_TESTING=ON $(CMAKE_ARGS)
	@cmake --build --preset $(PRESET) --parallel $(JOBS) --target racetrack mutation_workloads oracle_mutants
	@exec scripts/mutants --build build/$(PRESET) $(call option,--run,RUN) $(MUTANTS_ARGS) $(if $(FILTER),$(call quote,FILTER))

evidence: setup-test build ## how often comparisons are wrong, and how often they find what is there (an hour; EVIDENCE_ARGS=simulation)
	@exec scripts/evidence --build build/$(PRESET) $(EVIDENCE_ARGS)

clean: ## remove the build trees; runs and their reports stay
	@rm -rf build

setup-bench:
	@$(SETUP) build report

setup-test:
	@$(SETUP) build report test

setup-lint:
	@$(SETUP) build report test lint
