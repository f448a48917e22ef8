// What must survive a reload: who we are, what is not yet acknowledged, what was read.
// Every unsent message has its own key, so that two tabs never overwrite each other's queue.
class Store {
  constructor(shop, subject) {
    this.shop = shop;
    this.scope = `refunddesk:${shop}:${subject}:`;
    this.memory = new Map();
    try {
      localStorage.setItem(`${this.scope}probe`, "1");
      localStorage.removeItem(`${this.scope}probe`);
      this.disk = localStorage;
    } catch {
      this.disk = null; // storage is blocked: the chat works, but only until the page is left
    }
  }

  get(key) {
    return this.disk ? this.disk.getItem(key) : (this.memory.get(key) ?? null);
  }

  set(key, value) {
    try {
      if (this.disk) this.disk.setItem(key, value);
      else this.memory.set(key, value);
    } catch {
      this.memory.set(key, value); // quota: keep it at least for this page
    }
  }

  remove(key) {
    if (this.disk) this.disk.removeItem(key);
    this.memory.delete(key);
  }

  keys() {
    const kept = [...this.memory.keys()];
    if (this.disk) for (let i = 0; i < this.disk.length; i += 1) kept.push(this.disk.key(i));
    return kept;
  }

  // A guest is whoever holds this random 128-bit id.
  get sender() {
    const key = `refunddesk:${this.shop}:sender`;
    let sender = this.get(key);
    if (!/^[0-9a-f]{32}$/.test(sender || "")) {
      sender = randomId();
      this.set(key, sender);
    }
    return sender;
  }

  get pending() {
    const prefix = `${this.scope}out:`;
    const items = [];
    for (const key of this.keys()) {
      if (!key || !key.startsWith(prefix)) continue;
      try {
        items.push(JSON.parse(this.get(key) ?? this.memory.get(key)));
      } catch {
        this.remove(key);
      }
    }
    return items.filter(Boolean).sort((a, b) => a.order - b.order);
  }

  keep(item) {
    this.set(`${this.scope}out:${item.client_id}`, JSON.stringify(item));
  }

  acknowledge(clientId) {
    this.remove(`${this.scope}out:${clientId}`);
  }

  get lastRead() {
    return Number(this.get(`${this.scope}read`)) || 0;
  }

  set lastRead(seq) {
    this.set(`${this.scope}read`, String(seq));
  }

  get hasTalked() {
    return this.get(`${this.scope}talked`) === "1";
  }

  set hasTalked(yes) {
    this.set(`${this.scope}talked`, yes ? "1" : "0");
  }
}

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
