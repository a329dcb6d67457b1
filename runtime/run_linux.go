package runtime

import "runtime"

// Run is create, start and wait.
func Run(p *Plan, w Watch) (Death, error) {
	runtime.LockOSThread() // init dies with the thread that made it
	c, err := Create(p, w)
	if err != nil {
		return Death{}, err
	}
	if err := c.Start(); err != nil {
		return Death{}, err
	}
	if _, err := GC(p.config.Root); err != nil {
		return Death{}, err
	}
	status, usage, err := c.Wait()
	if err != nil {
		return Death{}, err
	}
	d := c.autopsy(status, usage)
	return d, c.Remove()
}
