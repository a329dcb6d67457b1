package main

// The limits, in one place.
const (
	maxFile     = 300 // lines of a Go file
	maxTestFile = 500
	maxMedian   = 10 // lines of the median function
	maxNinth    = 40 // lines of the 90th percentile
)

// topLevel are the names that the top folder may have. Others need a reason
// better than "it did not fit": a new topic finds its leaf.
var topLevel = []string{
	"cmd", "runtime", "namespaces", "cgroups", "rootfs", "health", "examples", "hack",
	"go.mod", "go.sum", "Makefile", "LICENSE", "README.md", ".gitignore",
	".git", ".ci", "bin",
}

// badNames say nothing about what a package knows.
var badNames = []string{"util", "utils", "common", "helper", "helpers", "manager", "misc", "base", "shared", "lib"}

const (
	std   = "std"
	unix  = "golang.org/x/sys/unix"
	specs = "github.com/opencontainers/runtime-spec/specs-go"
)

// leaf is what every leaf may import: the standard library, the kernel, the
// spec, the lists that steps in the container are written as, and the libraries
// made for it.
func leaf(libraries ...string) []string {
	return append([]string{std, unix, specs, "mini/namespaces/calls"}, libraries...)
}

// mayImport is the direction of imports: a package (or, with /..., all below a
// folder) and all that it may import. What is not in the table may not import
// anything but the standard library.
var mayImport = []struct {
	pkg     string
	imports []string
}{
	{"cmd/mini", leaf("mini/runtime/...", "mini/cmd/mini/cli")},
	{"runtime", leaf(specs+"/features", "mini/namespaces", "mini/cgroups", "mini/rootfs", "mini/health/...", "mini/runtime/...")},
	{"namespaces", leaf()},
	{"namespaces/calls/...", leaf()},
	{"cgroups", leaf("github.com/containerd/cgroups/v3/...", "github.com/cilium/ebpf/...")},
	{"rootfs", leaf()},
	{"health", leaf()},
	{"health/check", []string{std, unix, "mini/health", "golang.org/x/net/http2/hpack"}},
	{"runtime/stdio", leaf("github.com/containerd/console")},
	{"runtime/seccomp", leaf("golang.org/x/net/bpf")},
	{"runtime/bundle", leaf("mini/runtime/jsonwalk")},
	{"runtime/state", leaf("mini/runtime/jsonwalk")},
	{"runtime/tell", leaf("mini/runtime/excerpt")},
	{"runtime/...", leaf()},
	{"examples/...", []string{std, unix, "mini/examples/..."}},
	{"hack/bench/...", leaf("mini/hack/bench/host")},
	{"hack/engines/cri", leaf("k8s.io/cri-api/...", "google.golang.org/...")},
	{"hack/...", leaf()},
}

// tests may import more: the package that they test, and what compares. That is
// hack/golden for files, which nothing but tests may have: it brings a flag along.
var testImports = []string{"mini/...", "github.com/google/go-cmp/..."}

// The process that becomes the container pays for what it loads: package
// initialisation and page faults, before the program starts and twice a run.
// These are too heavy for the packages that it links in.
var (
	initPackages = []string{"mini/runtime/...", "mini/namespaces", "mini/cgroups", "mini/rootfs", "mini/health/..."}
	tooHeavy     = []string{"net/http", "regexp", "text/template", "html/template", "crypto/tls", "go/parser"}
)
