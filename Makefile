# What is run for every commit. .ci/run installs what is missing on a fresh
# machine and then runs `make ci`; every step is a target of its own.
#
# Needs Go and a C compiler (for DuckDB). Everything else is run by exact version
# without becoming a dependency of the program.

gofumpt      := go run mvdan.cc/gofumpt@v0.12.0
golangci     := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
deadcode     := go run golang.org/x/tools/cmd/deadcode@v0.49.0
govulncheck  := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
goreleaser   := go run github.com/goreleaser/goreleaser/v2@v2.15.1
cyclonedx    := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

# What `make test` and its like are run on, and with which flags:
#   make test PACKAGES=./reports/... FLAGS='-run TestWorkbook -v'
PACKAGES := ./...
FLAGS    :=
# Inputs for each fuzz target, or a time: make fuzz FUZZTIME=3m
FUZZTIME := 3000x
# What `make bench` measures, and where: make bench BENCH='-rows first -runs 1'
BENCH        := -out BENCHMARKS.md
BENCH_PYTHON := .venv-bench/bin/python
# The platforms that release-check builds: make release-check ARCH=amd64,arm64
OS   := $(shell go env GOOS)
ARCH := $(shell go env GOARCH)

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c

.DEFAULT_GOAL := help
.PHONY: help build test test-slow test-race attacks fuzz fmt lint vuln dead golden demo bench microbench release-check image ci

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

build: ## compile everything; the program is ./nightaudit
	go build ./...
	go build -o nightaudit ./cmd/nightaudit

test: ## all tests but the slow ones, in about seven minutes
	go test $(FLAGS) $(PACKAGES)

# The flag adds tests, and more of the same to some: it takes none away. The test
# cache notes it: packages that do not ask for it are not run again after `make test`.
test-slow: ## all tests, with those of tens of seconds: whole runs in several processes
	NIGHTAUDIT_SLOW=1 go test -timeout 60m $(FLAGS) $(PACKAGES)

# -short leaves out what differs from other tests in the amount of data alone,
# and what starts other programs: neither shows the detector anything new.
test-race: ## the tests under the race detector
	go test -race -short -timeout 60m $(FLAGS) $(PACKAGES)

# The suite is every test that counts: one that says attacks.In(t). With
# NIGHTAUDIT_LONG=1 it tries many more.
attacks: ## the suite of attacks: what was tried, what held, and the sums
	@suite=$$(grep -rl --include='*_test.go' 'attacks\.In(t)' . | xargs awk '/^func Test/ { test = $$2; sub(/\(.*/, "", test) } /attacks\.In\(t\)/ { folder = FILENAME; sub(/\/[^\/]*$$/, "", folder); print folder, test }') && \
	NIGHTAUDIT_SLOW=1 go test -count=1 -v -timeout 60m $(FLAGS) -run "^($$(awk '{ print $$2 }' <<< "$$suite" | paste -sd '|'))$$" $$(awk '{ print $$1 }' <<< "$$suite" | sort -u) 2>&1 | \
	awk -v suite="$$suite" -f testdata/attacks/table.awk

fuzz: ## every fuzz target, as many inputs as FUZZTIME says
	@go test -list '^Fuzz' $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u) | awk '/^Fuzz/ {names[++n] = $$1} /^ok/ {for (i = 1; i <= n; i++) print $$2, names[i]; n = 0}' | \
	while read -r package target; do \
		echo "go test $$package -run '^$$' -fuzz ^$$target\$$ -fuzztime $(FUZZTIME)"; \
		go test "$$package" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x || exit 1; \
	done

fmt: ## format the code
	$(gofumpt) -w .

lint: ## format, go.mod, golangci-lint (with vet and staticcheck)
	@unformatted=$$($(gofumpt) -l .) && if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	$(golangci) run

# What is known is read from vuln.go.dev. A machine that cannot reach it has checked
# nothing, which is said and fails nothing: the code is no worse for it.
vuln: ## known weaknesses of Go and of the modules that the program calls
	@said=$$($(govulncheck) ./... 2>&1) && code=0 || code=$$?; echo "$$said"; \
	if grep -q 'fetching vulnerabilities' <<< "$$said"; then echo "NOT CHECKED: the data of known weaknesses cannot be reached"; else exit $$code; fi

dead: ## what nobody calls
	$(deadcode) -test ./...

golden: ## write the goldens anew; look at the difference before you commit it
	@go list -f '{{.Dir}}' ./... | while read -r folder; do \
		if grep -qs 'flag.Bool("update"' "$$folder"/*_test.go; then (cd "$$folder" && NIGHTAUDIT_SLOW=1 go test . -update) || exit 1; fi; \
	done
	@git status --short

demo: ## the demo, in a folder that is removed afterwards
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && go run ./cmd/nightaudit demo --dir "$$folder/nightaudit-demo"

bench: ## whole processes against their peers, written to BENCHMARKS.md, which says how; takes hours
	go run ./cmd/internal/bench -python $(BENCH_PYTHON) $(BENCH)

microbench: ## the benchmarks of single stages, beside the code
	go test -run '^$$' -bench . -benchmem $(FLAGS) $(PACKAGES)

release-check: ## check .goreleaser.yaml; archive, checksum and bill of materials of this platform in dist
	$(goreleaser) check
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && GOBIN=$$tools go install $(cyclonedx) && \
	sed -e 's/goos: \[.*/goos: [$(OS)]/' -e 's/goarch: \[.*/goarch: [$(ARCH)]/' .goreleaser.yaml > "$$tools/goreleaser.yaml" && \
	PATH="$$tools:$$PATH" $(goreleaser) release --config "$$tools/goreleaser.yaml" --snapshot --clean

image: ## the container image nightaudit:dev
	docker build --build-arg COMMIT=$$(git rev-parse HEAD) --tag nightaudit:dev .

# Of `make test` nothing is left to be run when test-slow has been.
ci: ## what must hold for every commit
	$(MAKE) build
	$(MAKE) lint
	$(MAKE) vuln
	$(MAKE) test-slow
	$(MAKE) fuzz
	$(MAKE) test-race
	$(MAKE) demo
