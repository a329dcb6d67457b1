# CGO_ENABLED=0: one static binary. nogreenteagc: the collector of Go 1.26 writes to
# each new page of the heap once more, 45 page faults of a run, which collects nothing.
# memprofilerate=0: Go finds that nobody profiles its memory only when it has allocated
# some, and takes one profile's stack then, 5 page faults; the rest is main.go's go:debug.
# norandomizedheapbase64: the heap where it was up to Go 1.25, 3 % of a run's CPU time.
export CGO_ENABLED = 0
export GOEXPERIMENT = nogreenteagc,norandomizedheapbase64
FLAGS = -trimpath -ldflags '-s -w -X runtime.godebugDefault=containermaxprocs=0,memprofilerate=0'
PREFIX ?= /usr/local

.PHONY: build test demo bench bench-heartbeat bench-memory fuzz conformance engines soak audit install clean

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

# What it takes to watch services, beside podman (hack/bench/HEARTBEAT.md).
bench-heartbeat: build
	hack/bootstrap engines
	go run ./hack/bench/heartbeat

fuzz:
	go run ./hack/test -fuzztime 60s fuzz

# The OCI project's validation programs, with runc and with mini.
conformance:
	hack/bootstrap
	hack/conformance/run.sh

# podman, containerd, CRI and docker with mini; RUNTIME=runc for another.
engines:
	hack/engines/run.sh $(ENGINES)

# The smallest memory limit under which a container starts; in the VM, which has the controller.
bench-memory: build
	hack/bootstrap
	go build $(FLAGS) -o bin/minimum ./hack/bench/minimum
	hack/vmrun -c 1 -T 900 -- bin/minimum

# 10,000 short containers, mini killed in one of ten: is anything left? Five minutes.
soak: build
	examples/build.sh
	go run ./hack/soak

# What a default container of mini, podman and docker may do, side by side.
audit:
	hack/audit/run.sh $(KINDS)

install: build
	install -D -m 755 bin/mini $(DESTDIR)$(PREFIX)/bin/mini

clean:
	rm -rf bin
