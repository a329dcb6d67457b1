// Command mini runs OCI bundles in namespaces, cgroups and an overlay root.
package main

import (
	_ "github.com/containerd/console"
	_ "github.com/opencontainers/runtime-spec/specs-go"
	_ "github.com/urfave/cli/v2"
	_ "golang.org/x/sys/unix"
)

func main() {}
