# CGO_ENABLED=0: one static binary. urfave_cli_no_docs: the CLI library without its
# manual page writer, which costs a millisecond of start-up.
export CGO_ENABLED = 0
FLAGS = -trimpath -tags urfave_cli_no_docs -ldflags '-s -w'
PREFIX ?= /usr/local

.PHONY: build test demo bench fuzz install clean

build:
	go build $(FLAGS) -o bin/mini ./cmd/mini

test:
	hack/bootstrap
	go run ./hack/test $(STAGES)

demo: build
	examples/build.sh
	MINI=$(CURDIR)/bin/mini examples/demo.sh

bench: build
	hack/bootstrap
	go run ./hack/bench

fuzz:
	go run ./hack/test -fuzztime 60s fuzz

install: build
	install -D -m 755 bin/mini $(DESTDIR)$(PREFIX)/bin/mini

clean:
	rm -rf bin
