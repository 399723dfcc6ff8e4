package relyingparty

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Mails are handed to the mail server behind the pages' backs: a page neither waits for
// it nor tells by its own time whether there was anybody to write to.

// maxLetters bounds how many mails wait for the mail server.
const maxLetters = 100

// mailPauses are the times between tries to hand a mail over.
var mailPauses = []time.Duration{time.Second, 10 * time.Second}

// errTooManyLetters is why a mail is given up when as many wait as may.
var errTooManyLetters = errors.New("too many mails are waiting for the mail server")

// letter is a mail on its way.
type letter struct {
	mail   Mail
	id     string
	failed store.Event // the line to log when it is given up, but for the time and the reason
}

// postman hands mails over, one after the other.
type postman struct {
	route  *mailRoute
	giveUp func(letter, error)
	pauses []time.Duration
	bag    chan letter
	stop   context.CancelFunc
	ended  sync.WaitGroup
}

// newPostman starts a goroutine that ends with close.
func newPostman(route *mailRoute, giveUp func(letter, error)) *postman {
	ctx, stop := context.WithCancel(context.Background())
	p := &postman{route: route, giveUp: giveUp, pauses: mailPauses, bag: make(chan letter, maxLetters), stop: stop}
	p.ended.Go(func() { p.walk(ctx) })
	return p
}

// post takes a letter and returns at once.
func (p *postman) post(l letter) {
	select {
	case p.bag <- l:
	default:
		p.giveUp(l, errTooManyLetters)
	}
}

// close ends the goroutine. What has not been handed over by then is given up.
func (p *postman) close() {
	p.stop()
	p.ended.Wait()
	for {
		select {
		case l := <-p.bag:
			p.giveUp(l, context.Canceled)
		default:
			return
		}
	}
}

func (p *postman) walk(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-p.bag:
			if err := p.deliver(ctx, l); err != nil {
				p.giveUp(l, err)
			}
		}
	}
}

// deliver tries until there is no hope or no patience left.
func (p *postman) deliver(ctx context.Context, l letter) error {
	for try := 0; ; try++ {
		err := p.route.deliver(ctx, l.mail, l.id)
		if hopeless := new(undeliverableError); err == nil || errors.As(err, &hopeless) || try == len(p.pauses) || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(p.pauses[try]):
		}
	}
}
