package runtime

import (
	"errors"

	"mini/runtime/checks"
)

// alarm is what the kernel tells of by itself for a check.
func (c *Container) alarm(k checks.Check) (alarm, error) {
	return nil, errors.New("no alarm")
}
