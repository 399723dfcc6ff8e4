// Package mds is a FIDO Metadata Service with a root of its own: what relying
// parties learn of authenticator models, signed and served, correct or with one
// named defect.
//
// It owns metadata statements, entries, status reports and the BLOB that carries
// them (FIDO Metadata Service 3.1.1, below "MDS", and FIDO Metadata Statement
// 3.1.1), the keys and certificates that sign it, their revocation lists, and the
// addresses at which all that is found. Everything is made of a secret and a
// clock, so that two services with the same of both publish the same bytes.
//
// It must never know the authenticator that a statement is about, nor who reads
// its BLOBs: relying parties read them with code that shares nothing with this.
package mds
