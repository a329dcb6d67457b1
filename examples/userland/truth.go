package main

func trueApplet(*call) error { return nil }

func falseApplet(*call) error { return status(1) }
