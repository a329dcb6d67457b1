// Package cli reads a command line of the form
//
//	PROGRAM [global flags] COMMAND [flags] [arguments]
//
// and prints help for it. It knows flags of six kinds, and no commands: those
// are handed in as data. It writes nothing but help, and ends no process.
//
// Flags come before the arguments: the first word that is none, or --, ends
// them. A flag has one dash or two, and its value is the next word or follows
// an equals sign; -b alone is true. Of a flag that is there twice the last one
// counts, unless it is one that gathers.
//
// It is not one of the libraries for this because of what those cost before the
// first line of a command is reached: urfave/cli v2 took a seventh of the CPU time
// of a whole run (regular expressions over the names of flags), and a Go program
// pays at each start for all that it links in.
package cli
