// The connection. Frames are taken in order of seq, once each; what is not acknowledged is sent again.
const BACKOFF_MS = [400, 800, 1600, 3200, 6400, 12000];
const PING_MS = 20000; // proxies close idle sockets after 30 to 60 s
const SILENCE_MS = 8000; // no answer to a ping for so long: the line is dead

class Link {
  constructor(address, store, handlers) {
    this.address = address; // (cursor) => URL
    this.store = store;
    this.handlers = handlers;
    this.cursor = 0;
    this.conversation = null;
    this.socket = null;
    this.ready = false;
    this.stopped = true;
    this.tries = 0;
    this.onWake = () => {
      if (document.visibilityState === "visible") this.wake();
    };
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    addEventListener("online", this.onWake);
    document.addEventListener("visibilitychange", this.onWake);
    this.connect();
  }

  stop() {
    this.stopped = true;
    this.ready = false;
    removeEventListener("online", this.onWake);
    document.removeEventListener("visibilitychange", this.onWake);
    clearTimeout(this.retry);
    clearInterval(this.pinger);
    clearTimeout(this.silence);
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
  }

  wake() {
    if (this.stopped) return;
    if (!this.socket) {
      clearTimeout(this.retry);
      this.connect();
    } else if (this.ready) this.ping();
  }

  connect() {
    const socket = new WebSocket(this.address(this.cursor));
    this.socket = socket;
    this.flown = new Set(); // client ids already sent on this socket
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      clearTimeout(this.silence);
      this.take(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code);
    };
  }

  lost(code) {
    this.socket = null;
    this.ready = false;
    clearInterval(this.pinger);
    clearTimeout(this.silence);
    if (this.stopped) return;
    if (code === 4401) {
      this.stop(); // the signed identity is not valid: trying again cannot help
      this.handlers.refused();
      return;
    }
    const wait = BACKOFF_MS[Math.min(this.tries, BACKOFF_MS.length - 1)];
    this.tries += 1;
    // Jitter: after a restart of the desk not every buyer comes back in the same instant.
    this.retry = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
    this.handlers.offline(this.tries);
  }

  ping() {
    this.write({ type: "ping" });
    clearTimeout(this.silence);
    const socket = this.socket;
    this.silence = setTimeout(() => {
      if (socket !== this.socket) return;
      socket.onclose = null;
      socket.close();
      this.lost(0);
    }, SILENCE_MS);
  }

  take(frame) {
    if (frame.type === "hello") {
      if (this.conversation && this.conversation !== frame.conversation_id) {
        // Another conversation than before: its numbers start anew, so it must be read from the start.
        this.cursor = 0;
        this.conversation = frame.conversation_id;
        this.handlers.reset();
        this.socket.close();
        return;
      }
      this.conversation = frame.conversation_id;
      this.ready = true;
      this.tries = 0;
      clearInterval(this.pinger);
      this.pinger = setInterval(() => this.ping(), PING_MS);
      this.handlers.hello(frame);
      this.flush();
    } else if (frame.type === "message") {
      if (frame.client_id) this.store.acknowledge(frame.client_id);
      if (frame.seq <= this.cursor) return;
      this.cursor = frame.seq;
      this.handlers.message(frame);
    } else if (frame.type === "ack") {
      this.store.acknowledge(frame.client_id);
      this.handlers.ack(frame);
    } else if (frame.type === "error") {
      // A refused message must not be sent for ever; a failure of the server is tried again.
      if (frame.client_id && !frame.retryable) this.store.acknowledge(frame.client_id);
      this.handlers.error(frame);
    } else if (frame.type !== "pong") this.handlers.frame(frame);
  }

  // Sends what is kept and not yet on its way on this socket, oldest first.
  flush() {
    if (!this.ready) return;
    for (const item of this.store.pending) {
      if (this.flown.has(item.client_id)) continue;
      this.flown.add(item.client_id);
      const { order, label, ...frame } = item;
      this.write(frame);
    }
  }

  write(frame) {
    if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}
