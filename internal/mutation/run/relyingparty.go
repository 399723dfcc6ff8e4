package main

// ofRelyingParty answers for the mutants of package relyingparty that no case notices.
// The first that covers a mutant counts.
var ofRelyingParty = []explanation{}
