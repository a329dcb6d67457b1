package main

import "text/tabwriter"

// help lists the applets; it stands in for a name that is none, and then fails.
func help(c *call) error {
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	for _, a := range applets() {
		w.Write([]byte(a.name + " " + a.args + "\t" + a.about + "\n"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if c.name != "help" && c.name != "userland" {
		return usage("there is no applet %s", c.name)
	}
	return nil
}
