package shell

// Word is one word of the script before expansion.
type Word []Part

// Kind tells what a Part is replaced by.
type Kind int

// The kinds of Part.
const (
	Literal    Kind = iota // Text itself
	Parameter              // the variable Text, with Op and Arg applied
	Length                 // the number of bytes in the variable Text
	Command                // the output of the script Text
	Arithmetic             // the value of the expression Text
)

// Part is a piece of a Word that is expanded in one way.
type Part struct {
	Kind   Kind
	Text   string
	Op     string // of a Parameter: "" :- - := = :+ + :? ? % %% # ##
	Arg    Word   // what follows Op
	Quoted bool   // neither split into fields nor matched against file names
}

// Redirect points the descriptor Fd somewhere else.
type Redirect struct {
	Fd     int
	Op     string // < > >> <> <& >&
	Target Word
}

// Node is a command: something that can be run and then has an exit status.
type Node interface{ text() string }

// source is the text that a node was read from: a subshell is started on it.
type source string

func (s source) text() string { return string(s) }

type (
	// Simple is a program or builtin with its arguments.
	Simple struct {
		source
		Assign    []Assign
		Words     []Word
		Redirects []Redirect
	}
	// Assign is NAME=value.
	Assign struct {
		Name  string
		Value Word
	}
	// Redirected is a compound command with redirections after it.
	Redirected struct {
		source
		Body      Node
		Redirects []Redirect
	}
	// If is if/then/else; an elif is an If in Else.
	If struct {
		source
		Cond, Then, Else Node // Else may be nil
	}
	// Loop is while or until.
	Loop struct {
		source
		Until      bool
		Cond, Body Node
	}
	// For is for NAME in WORDS.
	For struct {
		source
		Name  string
		Words []Word
		Body  Node
	}
	// Case is case WORD in PATTERN) … ;; esac.
	Case struct {
		source
		Word Word
		Arms []Arm
	}
	// Arm is one branch of a Case.
	Arm struct {
		Patterns []Word
		Body     Node // nil if empty
	}
	// Subshell is ( … ).
	Subshell struct {
		source
		Body Node
	}
	// Pipeline is one or more commands joined by |, negated by Not.
	Pipeline struct {
		source
		Not    bool
		Stages []Node
	}
	// AndOr is Left && Right or Left || Right.
	AndOr struct {
		source
		Left  Node
		Op    string
		Right Node
	}
	// List is commands one after another.
	List struct {
		source
		Items []Item
	}
	// Item is an element of a List; a Background one is not waited for.
	Item struct {
		Node       Node
		Background bool
	}
)
