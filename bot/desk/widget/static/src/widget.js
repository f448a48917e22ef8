// The web component: launcher, panel, and the wiring between transcript, connection and storage.
const MAX_TEXT = 4000;
const TYPING_MS = 3000;
let order = Date.now(); // queue order of this page; later pages start later

class RefundDeskWidget extends HTMLElement {
  setup({ origin, shop, identity, language }) {
    Object.assign(this, { origin, shop, identity: identity || "", language, unread: 0, isOpen: false });
    this.texts = TEXTS[language];
    this.lang = language;
    this.store = new Store(shop, subjectOf(identity));
    this.files = new Map();
    this.build();
    this.transcript = new Transcript(this.list, this.texts, language, {
      press: (button) => this.queue({ type: "button", button: button.id }, button.title),
      retry: (clientId) => this.upload(clientId),
      remove: (clientId) => this.forget(clientId),
      fileUrl: (url) => new URL(url, origin).href,
    });
    this.link = new Link((cursor) => this.address(cursor), this.store, {
      hello: (frame) => {
        this.setMode(frame.mode, frame.agent_name);
        this.banner("");
      },
      message: (frame) => this.receive(frame),
      ack: (frame) => this.transcript.setState(frame.client_id, ""),
      error: (frame) => this.fail(frame),
      frame: (frame) => this.control(frame),
      offline: (tries) => this.banner(tries > 1 ? this.texts.offline : this.texts.connecting),
      reset: () => this.transcript.clear(),
      refused: () => {
        this.banner(this.texts.expired);
        this.dispatchEvent(new CustomEvent("refunddesk:identity-refused", { bubbles: true, composed: true }));
      },
    });
    for (const item of this.store.pending) {
      this.transcript.addPending(item.client_id, { text: item.label || item.text, state: this.texts.waiting });
    }
    // A visitor who never wrote costs the desk nothing: the line is opened with the panel.
    if (this.store.hasTalked) this.link.start();
  }

  address(cursor) {
    const url = new URL("/widget/ws", this.origin);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("sender", this.store.sender);
    url.searchParams.set("cursor", cursor);
    url.searchParams.set("language", this.language);
    if (this.identity) url.searchParams.set("identity", this.identity);
    return url.href;
  }

  build() {
    const t = this.texts;
    const root = this.attachShadow({ mode: "open" });
    style(root);
    this.badge = h("span", { class: "badge", hidden: true });
    this.launcher = h(
      "button",
      { type: "button", class: "launcher", "aria-label": t.open, "aria-expanded": "false", onclick: () => this.toggle() },
      icon("chat"),
      this.badge,
    );
    this.mode = h("p", { class: "mode", role: "status" });
    this.notice = h("p", { class: "banner", role: "status", hidden: true });
    this.list = h("ol", { class: "log", role: "log", "aria-live": "polite", "aria-label": t.log, tabindex: "0" });
    this.typing = h("p", { class: "typing", hidden: true }, h("i"), h("i"), h("i"), h("span", { class: "hidden" }, t.typing));
    this.more = h("button", { type: "button", class: "more", hidden: true, onclick: () => this.toEnd() }, t.newMessages);
    this.alert = h("p", { class: "alert", role: "alert", hidden: true });
    this.box = h("textarea", {
      rows: "1", maxlength: String(MAX_TEXT), placeholder: t.input, "aria-label": t.input, enterkeyhint: "send",
      onkeydown: (event) => this.key(event),
      oninput: () => this.typed(),
      onpaste: (event) => this.take(event.clipboardData.files, event),
    });
    this.picker = h("input", {
      type: "file", accept: TYPES.join(","), multiple: true, class: "hidden", tabindex: "-1", "aria-hidden": "true",
      onchange: () => { this.take(this.picker.files); this.picker.value = ""; },
    });
    this.person = h("button", { type: "button", class: "person", onclick: () => this.say(t.personText) }, icon("person"), t.person);
    const attach = h(
      "button",
      { type: "button", class: "tool", "aria-label": t.attach, title: t.attach, onclick: () => this.picker.click() },
      icon("picture"),
    );
    const send = h("button", { type: "submit", class: "tool send", "aria-label": t.send, title: t.send }, icon("send"));
    this.panel = h(
      "section",
      { class: "panel", role: "dialog", "aria-label": t.title, hidden: true, "data-drop": t.drop },
      h(
        "header", {},
        h("div", { class: "face" }, icon("chat")),
        h("div", { class: "heading" }, h("h2", {}, t.title), h("p", {}, t.subtitle)),
        h("button", { type: "button", class: "tool", "aria-label": t.close, title: t.close, onclick: () => this.toggle(false) }, icon("close")),
      ),
      h("div", { class: "modeline" }, this.mode, this.person),
      this.notice,
      this.list, this.typing, this.more, this.alert,
      h(
        "form",
        { onsubmit: (event) => { event.preventDefault(); this.submit(); } },
        attach, this.picker, this.box, send,
      ),
    );
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.toggle(false);
    });
    for (const name of ["dragover", "dragleave", "drop"]) {
      this.panel.addEventListener(name, (event) => {
        if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
        event.preventDefault();
        this.panel.classList.toggle("dropping", name === "dragover");
        if (name === "drop") this.take(event.dataTransfer.files);
      });
    }
    this.list.addEventListener("scroll", () => { if (this.atEnd()) this.more.hidden = true; });
    // A picture gets its height only when it is there.
    this.list.addEventListener("load", () => { if (this.follow) this.toEnd(); }, true);
    root.append(this.panel, this.launcher);
    this.setMode("bot");
  }

  // --- opening and reading -------------------------------------------------------------------

  toggle(open = !this.isOpen) {
    this.isOpen = open;
    this.panel.hidden = !open;
    this.classList.toggle("open", open);
    this.launcher.setAttribute("aria-expanded", String(open));
    if (!open) {
      this.launcher.focus();
      return;
    }
    if (!this.link.conversation && !this.link.socket) this.banner(this.texts.connecting);
    this.link.start();
    this.toEnd();
    this.read();
    this.box.focus();
  }

  read() {
    this.unread = 0;
    this.badge.hidden = true;
    this.launcher.setAttribute("aria-label", this.texts.open);
    if (this.link.cursor > this.store.lastRead) this.store.lastRead = this.link.cursor;
  }

  atEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
  }

  toEnd() {
    this.follow = true;
    this.list.scrollTop = this.list.scrollHeight;
    this.more.hidden = true;
  }

  // --- what the server says ------------------------------------------------------------------

  receive(frame) {
    const wasAtEnd = this.atEnd();
    if (!this.transcript.add(frame)) return;
    if (frame.author === "buyer") this.store.hasTalked = true;
    else this.setTyping(false);
    this.follow = wasAtEnd;
    if (this.isOpen) {
      if (wasAtEnd) this.toEnd();
      else if (frame.author !== "buyer") this.more.hidden = false;
      this.read();
    } else if (frame.author !== "buyer" && frame.seq > this.store.lastRead) {
      this.unread += 1;
      this.badge.textContent = this.unread > 99 ? "99+" : String(this.unread);
      this.badge.hidden = false;
      this.launcher.setAttribute("aria-label", `${this.texts.open}, ${fill(this.texts.unread, { n: this.unread })}`);
    }
  }

  control(frame) {
    if (frame.type === "mode") this.setMode(frame.mode, frame.agent_name);
    else if (frame.type === "typing") this.setTyping(frame.on);
  }

  setTyping(on) {
    const wasAtEnd = this.atEnd();
    this.typing.hidden = !on;
    if (wasAtEnd) this.toEnd();
    clearTimeout(this.typingEnd);
    // The bot says when it is done, if the line does not break; a person just stops.
    if (on) this.typingEnd = setTimeout(() => this.setTyping(false), this.dataset.mode === "human" ? 6000 : 15000);
  }

  setMode(mode, agentName) {
    this.dataset.mode = mode;
    this.mode.textContent = fill(this.texts[`${mode}_mode`] || this.texts.bot_mode, { name: agentName || this.texts.agent });
    this.person.hidden = mode === "queued" || mode === "human";
  }

  banner(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  fail(frame) {
    this.showAlert(frame.message);
    if (frame.retryable) this.transcript.setState(frame.client_id, this.texts.waiting);
    else if (frame.client_id) this.transcript.setState(frame.client_id, this.texts.failed, { failed: "remove" });
  }

  showAlert(text) {
    this.alert.textContent = text;
    this.alert.hidden = !text;
    clearTimeout(this.alertEnd);
    this.alertEnd = setTimeout(() => { this.alert.hidden = true; }, 8000);
  }

  // --- what the buyer says -------------------------------------------------------------------

  key(event) {
    // The Enter that ends a composition belongs to the input method. Safari reports it after
    // compositionend, with isComposing false and keyCode 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  typed() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 120)}px`;
    const now = Date.now();
    if (this.box.value && this.link.ready && now - (this.lastTyped || 0) > TYPING_MS) {
      this.lastTyped = now;
      this.link.write({ type: "typing", on: true });
    }
  }

  submit() {
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = "";
    this.typed();
    this.lastTyped = 0;
    this.say(text);
    this.box.focus();
  }

  say(text) {
    this.queue({ type: "message", text }, text);
  }

  queue(frame, label) {
    const item = { ...frame, client_id: randomId(), order: (order += 1) };
    if (frame.type === "button") item.label = label;
    this.store.keep(item);
    this.store.hasTalked = true;
    this.transcript.addPending(item.client_id, { text: label, state: this.link.ready ? this.texts.sending : this.texts.waiting });
    this.toEnd();
    this.link.start();
    this.link.flush();
  }

  take(files, event) {
    if (!files || !files.length) return;
    if (event) event.preventDefault();
    for (const file of files) {
      const problem = checkFile(file, this.texts);
      if (problem) {
        this.showAlert(problem);
        continue;
      }
      const clientId = randomId();
      this.files.set(clientId, file);
      const shown = { name: file.name, type: file.type, url: URL.createObjectURL(file) };
      this.transcript.addPending(clientId, { file: shown, state: fill(this.texts.uploading, { n: 0 }) });
      this.toEnd();
      this.upload(clientId);
    }
  }

  async upload(clientId) {
    const t = this.texts;
    this.store.hasTalked = true;
    this.link.start();
    const progress = (n) => this.transcript.setState(clientId, fill(t.uploading, { n }), { percent: n });
    progress(0);
    try {
      const { sender } = this.store;
      const fields = { file: this.files.get(clientId), sender, client_id: clientId, identity: this.identity, language: this.language };
      await postFile(new URL("/widget/uploads", this.origin), fields, progress);
      this.files.delete(clientId);
      this.transcript.setState(clientId, "", { percent: 100 });
    } catch (error) {
      this.transcript.setState(clientId, t.failed, { failed: error.final ? "remove" : "retry" });
      this.showAlert(error.message || t.uploadFailed);
    }
  }

  forget(clientId) {
    this.files.delete(clientId);
    this.store.acknowledge(clientId);
    this.transcript.drop(clientId);
    this.box.focus();
  }
}
