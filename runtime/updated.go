package runtime

import (
	"bytes"

	"mini/runtime/bundle"
)

// updated gives the configuration as an update has left it, and false if none
// was made since the container was created.
func (c *Container) updated() (Config, bool) {
	config := c.Plan.config
	raw, err := c.dir.Config()
	if err != nil || bytes.Equal(raw, config.JSON) {
		return config, false
	}
	spec, err := bundle.Decode(raw)
	if err != nil {
		return config, false
	}
	config.Spec, config.JSON = spec, raw
	return config, true
}
