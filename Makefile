# The ways into passkeylab. All of them work in a bare clone.

FUZZTIME ?= 10s
# What follows a target's own arguments: make run ARGS='--link wire'
ARGS ?=

# ./... passes over testdata, which is a package of its own.
PACKAGES := ./... $(if $(wildcard testdata/*.go),./testdata)
# The commit is stamped into the binary where git can tell it.
VCS := $(shell git status >/dev/null 2>&1 && echo auto || echo false)

.DEFAULT_GOAL := help
.PHONY: help setup build run test interop soak bench fuzz mutation lint docs

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing on this machine, or say what it is
	@scripts/setup.sh

build: setup ## build bin/passkeylab
	@go build -buildvcs=$(VCS) -o bin/passkeylab ./cmd/passkeylab

run: build ## run every journey in a real browser and write report/
	@bin/passkeylab run --report report $(ARGS)

test: setup ## run the whole test suite
	@scripts/setup_test.sh
	@go test $(PACKAGES) $(ARGS)

interop: ## run the tests against other people's clients and relying parties
	@scripts/setup.sh interop
	@scripts/interop.sh

soak: setup ## the same again and again: lives of fleets with providers and with a site, ceremonies over a USB key, starts of browsers, QR codes, a hostile client
	@go test -count=1 -tags soak -run Soak ./authenticator/provider ./fleet ./transport/usbkey ./browser ./scenarios ./relyingparty $(ARGS)

bench: setup ## run the benchmarks
	@go test -run '^$$' -bench . -benchmem $(PACKAGES) $(ARGS)

fuzz: ## run every fuzz target for FUZZTIME (default 10s)
	@FUZZTIME=$(FUZZTIME) scripts/fuzz.sh $(PACKAGES)

mutation: ## make small mistakes in our own source, and see which the judge notices
	@go run ./internal/mutation/run $(ARGS)

lint: ## check formatting, vet, staticcheck, layers and the tree
	@scripts/lint.sh $(PACKAGES)

docs: ## regenerate what is generated
	@go generate $(PACKAGES)
