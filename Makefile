# Run `make` alone to see the targets. `make test` needs nothing but Go.

GO ?= go

# Pinned, so that a new check never breaks an old commit. It is run by version
# and thereby stays out of go.mod.
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# How long `make fuzz` stays with each target.
FUZZTIME ?= 10s

# How many messages `make differential` puts before the engines.
COUNT ?= 5000

# `make bench QUICK=1` only shows that every benchmark runs; its figures mean nothing.
QUICK ?=
BENCHTIME = $(if $(QUICK),-benchtime=100x)

.PHONY: help test race lint fuzz bench peers differential bridge docs ci

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{ printf "%-19s %s\n", $$1, $$2 }'

test: ## run the tests
	$(GO) test ./...

race: ## run the tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race ./...

lint: ## check format, vet for Linux, macOS and Windows, staticcheck
	@echo gofmt -l .; out=$$(gofmt -l .) || exit 1; \
	if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	cd test/differential && $(GO) vet ./... && $(GO) run $(STATICCHECK) ./...
	cd test/bridge && $(GO) vet ./... && $(GO) run $(STATICCHECK) ./...

fuzz: ## run each fuzz target for FUZZTIME (default 10s)
	GO='$(GO)' .ci/fuzz $(FUZZTIME)

bench: ## run the benchmarks (QUICK=1: only see that they run)
	$(GO) test -run '^$$' -bench . -benchmem $(BENCHTIME) ./...

peers: ## test against nginx, Apache and others; installs their Debian packages
	test/peers/install.sh
	STRATA_REQUIRE_PEERS=1 $(GO) test -count=1 ./test/peers/... ./test/interop/...
	STRATA_REQUIRE_PEERS=1 $(GO) test -count=1 -run 'HTTPClient|HTTPLib' ./httpclient
	STRATA_REQUIRE_PEERS=1 $(GO) test -count=1 -run 'TShark|Chromium' ./transport/tap/pcapng ./httpclient/har
	STRATA_REQUIRE_PEERS=1 $(GO) test -count=1 -run 'Curl|Chromium|Large' ./cmd/strata

differential: ## compare with other engines on COUNT generated messages (default 5000)
	cd test/differential && $(GO) test ./... && $(GO) run . --count $(COUNT) --known

bridge: ## run programs written for net/http, and their tests, over Strata
	@cd test/bridge && figures=$$(mktemp) && trap 'rm -f "$$figures"' EXIT && \
	echo $(GO) test -count=1 ./... && STRATA_FIGURES=$$figures $(GO) test -count=1 ./... && sort "$$figures"

docs: ## generate the pages under docs that come from tables in the code
	$(GO) generate ./...
	cd test/differential && $(GO) generate ./...
	cd test/bridge && $(GO) generate ./...

ci: ## all of the above, as the CI does it
	.ci/run
