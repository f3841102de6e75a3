package listen

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// mostConnections is how many connections are open at once. A process may open
// 256 files on some systems, and the logs need theirs.
const mostConnections = 128

// connections keeps a server from being held by those who connect and ask for
// nothing: where there are as many connections as there may be, the one that has
// waited longest for a call to begin gives way to the next. A call that is under
// way is never cut off; where all are, the next waits.
type connections struct {
	net.Listener
	most    int
	crowded func() // is told that one had to give way

	mu      sync.Mutex
	room    *sync.Cond
	open    map[net.Conn]*list.Element // nil while a call is under way
	waiting *list.List                 // of net.Conn, the oldest first
	closed  bool
}

func limitConnections(l net.Listener, most int, crowded func()) *connections {
	c := &connections{Listener: l, most: most, crowded: crowded, open: map[net.Conn]*list.Element{}, waiting: list.New()}
	c.room = sync.NewCond(&c.mu)
	return c
}

// Accept makes room once there is somebody to make it for.
func (c *connections) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.makeRoom()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[conn] = c.waiting.PushBack(conn)
	return conn, nil
}

func (c *connections) makeRoom() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.open) >= c.most && !c.closed {
		oldest := c.waiting.Front()
		if oldest == nil {
			c.room.Wait()
			continue
		}
		conn, _ := oldest.Value.(net.Conn)
		c.forget(conn)
		_ = conn.Close() // it asked for nothing
		c.crowded()
	}
}

// Close ends what waits for room too.
func (c *connections) Close() error {
	c.mu.Lock()
	c.closed = true
	c.room.Broadcast()
	c.mu.Unlock()
	return c.Listener.Close()
}

// changed is the server's hook: which connections have a call under way.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, known := c.open[conn]
	if !known {
		return
	}
	switch state {
	case http.StateActive:
		if at != nil {
			c.waiting.Remove(at)
			c.open[conn] = nil
		}
	case http.StateIdle:
		if at == nil {
			c.open[conn] = c.waiting.PushBack(conn)
			c.room.Signal()
		}
	case http.StateClosed, http.StateHijacked:
		c.forget(conn)
	}
}

func (c *connections) forget(conn net.Conn) {
	if at := c.open[conn]; at != nil {
		c.waiting.Remove(at)
	}
	delete(c.open, conn)
	c.room.Signal()
}
