// Package forge makes what a client and its authenticator answer to a relying party:
// correct in every part, or changed at one stage of the making, with all later
// stages made over the change. So exactly one thing is wrong with an answer.
//
// It owns client data, authenticator data, COSE keys, attestation objects and their
// JSON, and writes them with code that no relying party shares. It must never know
// what a relying party makes of an answer.
package forge
