package conformance

import (
	"context"
	"errors"
)

// Target is where subjects come from: a device or server under judgement, and the
// means of bringing it back to how it left the factory.
type Target interface {
	// Fresh returns the subject as it left the factory, just powered up. It ends
	// what is left of the subject before. Where the subject draws its chance from
	// a seed it takes this one. ctx bounds the making alone.
	Fresh(ctx context.Context, seed uint64) (Subject, error)
}

// Subject is what one case judges. What else it can do is between the cases and
// the targets that they are for.
type Subject interface {
	// Close lets go of the subject. It returns although a request is under way.
	Close() error
}

// ErrBench is what the error of a [Target] wraps where a subject cannot be made fresh for
// want of something that the bench lacks, such as somebody who plugs it in again. That
// says nothing of the subject: the cases that are left are skipped.
var ErrBench = errors.New("the bench lacks what a fresh subject takes")

// Several is a [Target] whose subjects do not know of each other, so that several
// can be judged at a time.
type Several interface {
	Target
	Several() bool
}
