package main

import "time"

func sleep(c *call) error {
	if len(c.args) != 1 {
		return usage("a duration is needed")
	}
	d, err := parseDuration(c.args[0])
	time.Sleep(d)
	return err
}

func date(c *call) error {
	c.printf("%s\n", time.Now().Format("Mon Jan _2 15:04:05 MST 2006"))
	return nil
}
