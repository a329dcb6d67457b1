package runtime

import (
	"fmt"
	"path"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/runtime/state"
)

// UpperFree is an error if a container below root that has not ended writes its
// changes to dir. What two overlays do with one upper and one work directory is
// undefined (Documentation/filesystems/overlayfs.rst, "Sharing and copying layers"),
// and the first to end would take the work directory away from the other.
func UpperFree(root, dir string) error {
	ids, err := state.List(root)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if writesTo(root, id, dir) {
			return fmt.Errorf("--overlay %s: container %q, which has not ended, writes its changes there: two at once would spoil them", dir, id)
		}
	}
	return nil
}

// writesTo says so of one container. One that goes away meanwhile does not.
func writesTo(root, id, dir string) bool {
	d, err := state.Open(root, id)
	if err != nil {
		return false
	}
	lines, err := d.Lines()
	if err != nil || !slices.Contains(lines, "overlay-work "+path.Join(dir, "work")) {
		return false
	}
	r, err := d.Load()
	return err == nil && status(d, r) != specs.StateStopped
}
