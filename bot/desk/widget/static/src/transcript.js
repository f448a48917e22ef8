// The transcript: confirmed messages ordered by seq, then what is still on its way.
class Transcript {
  constructor(list, texts, language, hooks) {
    this.list = list;
    this.texts = texts;
    this.hooks = hooks; // press(button), retry(clientId), remove(clientId)
    this.bySeq = new Map();
    this.pending = new Map();
    this.chips = [];
    this.clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
    this.day = new Intl.DateTimeFormat(language, { month: "long", day: "numeric" });
  }

  clear() {
    this.bySeq.clear();
    this.pending.clear();
    this.chips = [];
    this.list.replaceChildren();
  }

  // A frame of the server. Returns true when it was not shown before.
  add(frame) {
    if (this.bySeq.has(frame.seq)) return false;
    this.drop(frame.client_id);
    const node = this.render(frame);
    this.bySeq.set(frame.seq, node);
    const first = this.list.querySelector("[data-pending]");
    const at = new Date(frame.at);
    const day = this.day.format(at);
    if (day !== this.lastDay) {
      this.lastDay = day;
      if (day !== this.day.format(new Date())) this.list.insertBefore(h("li", { class: "day" }, day), first);
    }
    this.list.insertBefore(node, first);
    // Only the choice offered last is open, and only until it is taken; a replay shows that from the words said.
    if (frame.author === "buyer") this.chips.find((chip) => chip.textContent === frame.text && this.choose(chip));
    const chips = [...node.querySelectorAll(".chips button")];
    if (chips.length) {
      this.choose(null);
      this.chips = chips;
    }
    return true;
  }

  // Closes the open choice; `chip` is the one that was taken.
  choose(chip) {
    for (const other of this.chips) other.disabled = true;
    if (chip) chip.classList.add("chosen");
    this.chips = [];
    return true;
  }

  addPending(clientId, { text, file, state }) {
    this.drop(clientId);
    const note = h("span", { class: "note" }, state);
    const body = h("div", { class: "bubble" });
    let progress = null;
    if (file) {
      progress = h("progress", { max: 100, value: 0 });
      body.append(this.picture(file.type, file.url, file.name), progress);
    }
    if (text) body.append(h("p", {}, text));
    const node = h("li", { class: "message buyer", "data-pending": clientId }, body, h("div", { class: "meta" }, note));
    this.list.append(node);
    this.pending.set(clientId, { node, note, progress, file });
  }

  setState(clientId, state, { percent, failed } = {}) {
    const entry = this.pending.get(clientId);
    if (!entry) return;
    entry.note.textContent = state;
    if (entry.progress && percent !== undefined) entry.progress.value = percent;
    entry.node.classList.toggle("failed", Boolean(failed));
    entry.node.querySelectorAll(".again").forEach((node) => node.remove());
    if (failed) {
      const again = (label, action) =>
        h("button", { type: "button", class: "again", onclick: () => action(clientId) }, label);
      if (failed === "retry") entry.note.after(again(this.texts.retry, this.hooks.retry));
      entry.node.querySelector(".meta").append(again(this.texts.remove, this.hooks.remove));
    }
  }

  drop(clientId) {
    const entry = clientId && this.pending.get(clientId);
    if (!entry) return;
    entry.node.remove();
    if (entry.file) URL.revokeObjectURL(entry.file.url);
    this.pending.delete(clientId);
  }

  picture(type, url, name) {
    if (SHOWN.includes(type)) return h("img", { src: url, alt: fill(this.texts.picture, { name }), loading: "lazy" });
    return h("span", { class: "file" }, icon("file"), name);
  }

  render(frame) {
    const at = new Date(frame.at);
    const stamp = h("time", { datetime: frame.at }, this.clock.format(at));
    if (frame.author === "system") {
      return h("li", { class: "message system" }, h("p", {}, ...richText(frame.text)), h("div", { class: "meta" }, stamp));
    }
    const who = { buyer: this.texts.you, bot: this.texts.bot }[frame.author] || frame.agent_name || this.texts.agent;
    const body = h("div", { class: "bubble" });
    for (const file of frame.attachments || []) {
      const url = this.hooks.fileUrl(file.url);
      body.append(
        h("a", { href: url, target: "_blank", rel: "noopener" }, this.picture(file.content_type, url, file.filename)),
      );
    }
    if (frame.text) body.append(h("p", {}, ...richText(frame.text)));
    const chips = (frame.buttons || []).map((button) =>
      h("button", { type: "button", onclick: (event) => this.press(event.currentTarget, button) }, button.title),
    );
    return h(
      "li",
      { class: `message ${frame.author}` },
      h("span", { class: "hidden" }, `${who}: `),
      body,
      chips.length > 0 && h("div", { class: "chips" }, chips),
      h("div", { class: "meta" }, frame.author === "buyer" ? null : h("span", {}, who), stamp),
    );
  }

  press(chip, button) {
    this.choose(chip);
    this.hooks.press(button);
  }
}
