# Entry points of racetrack. Each target installs the packages that it needs (scripts/setup), so a fresh clone needs
# only git and make. On a system without apt, install the equivalents of the packages that scripts/setup names and pass
# SETUP=true.

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
.PHONY: help setup build bench stress tsan explore report compare calibrate history test lint overhead evidence hostile explore-bench all-checks mutants clean setup-bench setup-test setup-lint

help: ## list the targets
	@echo 'racetrack: make TARGET [VARIABLE=value]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo '  Debian 12: missing packages are installed first (as root, or through sudo).'
	@echo '  Elsewhere: install the equivalents of the packages that scripts/setup --list names, then add SETUP=true.'

setup: ## install every package that building, reporting, testing and linting need
	@$(SETUP) build report test lint

# The tests are part of the same tree; the targets that need them enable them.
BUILD_TESTING := OFF
test lint overhead evidence hostile all-checks: BUILD_TESTING := ON

build: ## build the harness and the subjects into build/release (PRESET=debug|tsan|asan|explore for others)
	@$(SETUP) build
	@cmake --preset $(PRESET) -DBUILD_TESTING=$(BUILD_TESTING) $(CMAKE_ARGS)
	@cmake --build --preset $(PRESET) --parallel $(JOBS)

# The script replaces the shell, so it gets Ctrl-C itself, keeps the measurements so far and says so.
bench: setup-bench build ## check and measure every case, and write the report (FULL=1, RUN=name, FILTER=regex, BENCH_ARGS='...')
	@exec scripts/bench $(if $(FULL),--full) $(call option,--run,RUN) $(BENCH_ARGS) $(if $(FILTER),$(call quote,FILTER))

# ThreadSanitizer uses a separate build tree, also when another target of the same call builds the usual one.
stress: setup-bench build ## check every scenario with disturbed rounds, oracles and the deadlock detector (RUN=name, FILTER=regex, STRESS_ARGS='--time 5')
	@cmake --build --preset $(PRESET) --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@exec scripts/stress $(call option,--run,RUN) $(STRESS_ARGS) $(if $(FILTER),$(call quote,FILTER))

tsan: setup-bench ## check every scenario for data races with ThreadSanitizer (RUN=name, FILTER=regex, TSAN_ARGS='...')
	@$(MAKE) --no-print-directory build PRESET=tsan BUILD_TESTING=OFF
	@cmake --build --preset tsan --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@exec scripts/tsan $(call option,--run,RUN) $(TSAN_ARGS) $(if $(FILTER),$(call quote,FILTER))

explore: setup-bench ## run every scenario under very many replayable schedules (RUN=name, FILTER=regex, EXPLORE_ARGS='--time 10')
	@$(MAKE) --no-print-directory build PRESET=explore BUILD_TESTING=OFF
	@cmake --build --preset explore --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@exec scripts/explore $(call option,--run,RUN) $(EXPLORE_ARGS) $(if $(FILTER),$(call quote,FILTER))

report: ## write the page of a run again (RUN=name; default: the latest run)
	@$(SETUP) report
	@exec scripts/report $(call option,--run,RUN) $(REPORT_ARGS)

# make turns every failure into exit code 2. Where the exit code matters (CI), call scripts/compare.
compare: setup-bench ## compare two builds, and report which cases became slower (OLD=... NEW=...: build trees, plugins, subjects or runs; COMPARE_ARGS='--plan')
	@exec scripts/compare $(call quote,OLD) $(call quote,NEW) $(COMPARE_ARGS)

calibrate: setup-bench build ## measure the noise floor of this machine: build/release against itself (CALIBRATE_ARGS='--comparisons 20')
	@exec scripts/calibrate build/$(PRESET) $(CALIBRATE_ARGS)

history: ## show each case over the runs of this machine, and where it changed (HISTORY_ARGS='RUN...')
	@$(SETUP) report
	@exec scripts/history $(HISTORY_ARGS)

# The tests of `racetrack explore` also need its executable and a few plugins; the tests of the explorer itself do not.
test: setup-test build ## run every test: C++, Python and browser (TEST_ARGS='-k word' goes to pytest)
	@cmake --preset explore -DBUILD_TESTING=ON $(CMAKE_ARGS)
	@cmake --build --preset explore --parallel $(JOBS) --target racetrack unexplorable uninstrumented mpsc_null_for_stub
	@exec scripts/test --build build/$(PRESET) --jobs $(JOBS) -- $(TEST_ARGS)

lint: setup-lint build ## check format, warnings, types, include direction and tracked files (STEPS='format python ...' for some)
	@exec scripts/lint $(STEPS)

overhead: setup-test build ## measure the cost of the harness, and whether it measures known delays
	@exec scripts/overhead --build build/$(PRESET) $(OVERHEAD_ARGS)

explore-bench: setup-test ## measure how soon the explorer finds known faults, its false findings, litmus tests, mutants (RUN=, FILTER=, POWER_ARGS='--seeds 50') and speed (FLOOR=folder, RELACY=clone)
	@$(MAKE) --no-print-directory build BUILD_TESTING=ON CMAKE_ARGS='-DRACETRACK_EXPLORE_FLOOR=$(abspath $(FLOOR)) -DRACETRACK_RELACY=$(abspath $(RELACY))'
	@$(if $(FLOOR)$(RELACY),:,echo 'comparison of speed with other explorers omitted: neither FLOOR nor RELACY names a folder')
	@$(MAKE) --no-print-directory build PRESET=explore BUILD_TESTING=OFF
	@cmake --build --preset explore --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@worst=0; scripts/explore_power $(call option,--run,RUN) $(POWER_ARGS) $(if $(FILTER),$(call quote,FILTER)) || worst=$$?; \
	$(if $(FLOOR)$(RELACY),[ $$worst -gt 1 ] || scripts/explore_bench --build build/$(PRESET) $(call option,--run,RUN) || worst=$$?;) \
	$(if $(FILTER),,[ $$worst -gt 1 ] || scripts/litmus --build build/$(PRESET) $(call option,--run,RUN) || worst=$$?; \
	[ $$worst -gt 1 ] || scripts/mutants --build build/$(PRESET) $(call option,--run,RUN) || worst=$$?;) exit $$worst

all-checks: setup-test build ## run bench, stress, tsan, explore in both memory models, litmus tests and mutants, for one page (RUN=name, FILTER=regex)
	@cmake --build --preset $(PRESET) --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@$(MAKE) --no-print-directory build PRESET=tsan BUILD_TESTING=OFF
	@cmake --build --preset tsan --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@$(MAKE) --no-print-directory build PRESET=explore BUILD_TESTING=OFF
	@cmake --build --preset explore --parallel $(JOBS) --target scenarios/queue/controls/all scenarios/pool/controls/all
	@exec scripts/all_checks $(call option,--run,RUN) $(if $(FILTER),$(call quote,FILTER))

mutants: setup-test ## weaken each memory order of our own headers in turn, and check that the tests detect it (RUN=name, FILTER=regex, MUTANTS_ARGS='--list')
	@cmake --preset $(PRESET) -DBUILD_TESTING=ON $(CMAKE_ARGS)
	@cmake --build --preset $(PRESET) --parallel $(JOBS) --target racetrack mutation_workloads oracle_mutants
	@exec scripts/mutants --build build/$(PRESET) $(call option,--run,RUN) $(MUTANTS_ARGS) $(if $(FILTER),$(call quote,FILTER))

hostile: setup-test build ## kill children and hosts 1,000 times, losing nothing; do 6,000 runs at nice 19 on a busy machine (hours; KILLS_ARGS='--kills 50', SOUND_ARGS='--runs 300')
	@$(MAKE) --no-print-directory build PRESET=tsan BUILD_TESTING=OFF
	@$(MAKE) --no-print-directory build PRESET=explore BUILD_TESTING=OFF
	@worst=0; tests/hostile/kills.py --build build/$(PRESET) --explore build/explore/racetrack --tsan build/tsan/racetrack $(KILLS_ARGS) || worst=$$?; \
	  tests/hostile/sound_runs.py --build build/$(PRESET) $(SOUND_ARGS) || worst=$$?; exit $$worst

evidence: setup-test build ## measure how often comparisons are wrong, and how often they find known differences (an hour; EVIDENCE_ARGS=simulation)
	@exec scripts/evidence --build build/$(PRESET) $(EVIDENCE_ARGS)

clean: ## remove the build trees, but no runs or reports
	@rm -rf build

setup-bench:
	@$(SETUP) build report

setup-test:
	@$(SETUP) build report test

setup-lint:
	@$(SETUP) build report test lint
