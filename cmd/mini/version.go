package main

import (
	"fmt"
	"io"
	"os"
	goruntime "runtime"
	"runtime/debug"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cmd/mini/cli"
)

var versionCommand = &cli.Command{
	Name:  "version",
	Usage: "print the version, the commit and the specification's version",
	Action: func(c *cli.Context) error {
		printVersion(os.Stdout)
		return nil
	},
}

// printVersion writes what engines read: docker wants a "version" in the first
// line, containerd the lines that begin with "commit: " and "spec: ".
func printVersion(w io.Writer) {
	commit := version()
	fmt.Fprintf(w, "mini version %s\ncommit: %s\nspec: %s\ngo: %s\n", commit, commit, specs.Version, goruntime.Version())
}

// version is the commit that this binary was built from, as Go recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	commit, dirty := "(no commit)", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	return commit + dirty
}
