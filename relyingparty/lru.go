package relyingparty

import (
	"container/list"
	"sync"
)

// lru is a bounded map that forgets what was used longest ago. It keeps strangers
// from filling the memory. Its methods may be called concurrently.
type lru[V any] struct {
	limit int

	mu    sync.Mutex
	order *list.List // of *entry[V], most recently used first
	byKey map[string]*list.Element
}

type entry[V any] struct {
	key   string
	value V
}

func newLRU[V any](limit int) *lru[V] {
	return &lru[V]{limit: limit, order: list.New(), byKey: make(map[string]*list.Element)}
}

func (l *lru[V]) get(key string) (value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.byKey[key]
	if !ok {
		return value, false
	}
	l.order.MoveToFront(e)
	return e.Value.(*entry[V]).value, true
}

func (l *lru[V]) put(key string, value V) {
	l.change(key, func(V, bool) V { return value })
}

// change replaces the value under key by what next makes of the present one, in one
// step. next must not use the lru.
func (l *lru[V]) change(key string, next func(value V, ok bool) V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.byKey[key]; ok {
		held := e.Value.(*entry[V])
		held.value = next(held.value, true)
		l.order.MoveToFront(e)
		return
	}
	var none V
	l.byKey[key] = l.order.PushFront(&entry[V]{key, next(none, false)})
	if l.order.Len() > l.limit {
		l.remove(l.order.Back())
	}
}

func (l *lru[V]) delete(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.byKey[key]; ok {
		l.remove(e)
	}
}

// deleteFunc removes every value that doomed says yes to.
func (l *lru[V]) deleteFunc(doomed func(V) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := l.order.Front(); e != nil; {
		next := e.Next()
		if doomed(e.Value.(*entry[V]).value) {
			l.remove(e)
		}
		e = next
	}
}

func (l *lru[V]) remove(e *list.Element) {
	l.order.Remove(e)
	delete(l.byKey, e.Value.(*entry[V]).key)
}

// take removes the value under key and returns it.
func (l *lru[V]) take(key string) (value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.byKey[key]
	if !ok {
		return value, false
	}
	l.remove(e)
	return e.Value.(*entry[V]).value, true
}
