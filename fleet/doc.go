// Package fleet has people with several devices each, at passkey providers that
// sync and at one site, live through thousands of deeds drawn from a seed: what
// users do, what networks do, and what attackers try. After each deed it holds the
// site against a book of its own.
//
// It owns the deeds, the book and what has to be true. It must never know how the
// site decides: it sees pages, accounts and the tenant log, as an operator does.
package fleet
