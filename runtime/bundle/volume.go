package bundle

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// volume reads source:destination[:option,…] and returns a recursive bind mount
// that passes no mounts on to the host. A relative source starts at cwd; there
// are no named volumes. Options are mount options of the specification, besides
// ro, which here covers the mounts below the source too, as with docker. In a
// user namespace the files keep their owners' numbers inside, unless noidmap
// is given.
func volume(s, cwd string, userns bool) (specs.Mount, error) {
	part := strings.Split(s, ":")
	if len(part) < 2 || len(part) > 3 {
		return specs.Mount{}, fmt.Errorf("not of the form source:destination or source:destination:ro")
	}
	source, destination := part[0], filepath.Clean(part[1])
	switch {
	case strings.ContainsRune(s, 0):
		return specs.Mount{}, fmt.Errorf("a path cannot contain a NUL")
	case source == "":
		return specs.Mount{}, fmt.Errorf("the source is empty")
	case destination[0] != '/':
		return specs.Mount{}, fmt.Errorf("the destination %q must begin with /", part[1])
	case destination == "/":
		return specs.Mount{}, fmt.Errorf("the destination is the root itself; --rootfs chooses that")
	}
	if !filepath.IsAbs(source) {
		source = filepath.Join(cwd, source)
	}
	var given []string
	if len(part) == 3 {
		given = strings.Split(part[2], ",")
	}
	options, err := volumeOptions(given, userns)
	return specs.Mount{Destination: destination, Type: "bind", Source: source, Options: options}, err
}

// volumeOptions turns docker's options into those of the specification.
func volumeOptions(given []string, userns bool) ([]string, error) {
	options := []string{"rbind"}
	propagation, idmap := false, userns
	for _, o := range given {
		switch o {
		case "z", "Z":
			return nil, fmt.Errorf("option %s: mini gives files no SELinux label; relabel them by chcon", o)
		case "U":
			return nil, fmt.Errorf("option U: mini changes no owners; it shows them mapped")
		case "":
			return nil, fmt.Errorf("an option is empty")
		case "ro":
			o = "rro"
		case "rbind", "bind":
			options[0] = o
			continue
		case "idmap", "ridmap", "noidmap":
			idmap = false
			if o == "noidmap" {
				continue
			}
		case "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable":
			propagation = true
		}
		options = append(options, o)
	}
	if slices.Contains(given, "ro") && slices.Contains(given, "rw") {
		return nil, fmt.Errorf("both ro and rw")
	}
	if !propagation {
		options = append(options, "rprivate")
	}
	if idmap {
		options = append(options, "idmap")
	}
	return options, nil
}
