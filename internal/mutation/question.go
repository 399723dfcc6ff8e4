package mutation

// Question is what the program with the mutants is asked, one in a line of JSON.
type Question struct {
	// Mutant is the one that acts; 0 asks for a survey: every trial is made without
	// any, and answered by an [Answer] of its own, the last of them empty.
	Mutant int
	Trials []string // which to make, in order, until one notices the mutant
}

// Answer is what came of it.
type Answer struct {
	Trial   string // that noticed the mutant, or that was surveyed; "" for none
	Verdict string // of that trial
	Reason  string
	Reached []int // in a survey: the mutants whose places the trial came by
}
