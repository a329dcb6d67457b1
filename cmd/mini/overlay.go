package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/bundle"
)

// overlay reads --overlay and --layer. A bundle is never written to, unless
// the OCI form is used: engines have prepared its root as it shall be.
func overlay(c *cli.Context) (*runtime.Overlay, error) {
	where := c.String("overlay")
	if where == "" && !c.IsSet("bundle") {
		where = "tmpfs"
	}
	layers, err := absolute(c.StringSlice("layer"))
	if err != nil {
		return nil, err
	}
	slices.Reverse(layers) // the kernel wants the topmost first
	if where == "" || where == "off" {
		if len(layers) > 0 {
			return nil, errors.New("--layer needs an --overlay")
		}
		return nil, nil
	}
	o, err := parseOverlay(where)
	if err != nil {
		return nil, err
	}
	o.Layers = layers
	if o.Upper != "" {
		err = runtime.UpperFree(c.String("root"), o.Upper)
	}
	return o, err
}

// keepOverlay reads --keep-overlay, which has a meaning where there are restarts
// and the changes would be lost with each.
func keepOverlay(c *cli.Context, config *runtime.Config, watched bool) error {
	config.KeepOverlay = c.Bool("keep-overlay")
	switch {
	case !config.KeepOverlay:
		return nil
	case config.Overlay == nil:
		return errors.New("--keep-overlay: there is no overlay")
	case config.Overlay.Upper != "":
		return errors.New("--keep-overlay: --overlay DIR keeps the changes anyway")
	case config.Overlay.Size != 0:
		return errors.New("--keep-overlay: what is kept is in the container's directory, which has no size of its own")
	case !watched && !c.Bool("detach"):
		return errors.New("--keep-overlay has no meaning without restarts (-d, --restart)")
	}
	return nil
}

// parseOverlay reads tmpfs, tmpfs:SIZE or a directory.
func parseOverlay(s string) (*runtime.Overlay, error) {
	kind, size, sized := strings.Cut(s, ":")
	if kind != "tmpfs" {
		dir, err := filepath.Abs(s)
		return &runtime.Overlay{Upper: dir}, err
	}
	if !sized {
		return &runtime.Overlay{}, nil
	}
	bytes, err := bundle.ParseSize(size)
	if err != nil || bytes <= 0 {
		return nil, fmt.Errorf("--overlay %s: not a size: %q (64m, 1g)", s, size)
	}
	return &runtime.Overlay{Size: uint64(bytes)}, nil
}

func absolute(paths []string) ([]string, error) {
	var abs []string
	for _, p := range paths {
		a, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		abs = append(abs, a)
	}
	return abs, nil
}

// madeUpName is a container's id where none was given. It is not to be secret, and
// package crypto/rand is to be initialised by whoever has it, 20 µs.
func madeUpName() string {
	return fmt.Sprintf("%010x", rand.Uint64()>>24)
}
