// Package integration tests mini as a user meets it: the program is built once,
// run on bundles made for each test, and judged by its exit status, by what it
// prints and by what the machine looks like from outside.
//
// It imports nothing of mini. Whatever the packages say of each other, a test
// here can only pass if the kernel did it.
//
// The tests need root. On a machine with hybrid cgroups they run in a mount
// namespace with a plain cgroup2 (hack/private-cgroup2), which has no controllers:
// tests named TestVM… need those and run in a VM (hack/vmrun, go run ./hack/test vm).
package integration
