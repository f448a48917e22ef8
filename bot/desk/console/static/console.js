// Keeps open pages true: the socket says that something changed, the page fetches what it shows.
// Without this script every action still works as a plain form.
"use strict";

const page = document.body.dataset.page;
const conversation = document.body.dataset.conversation;
const language = document.documentElement.lang;
const byId = (id) => document.getElementById(id);

async function fetchPart(path) {
  const answer = await fetch(path, { headers: { Accept: "text/html" }, redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 401) {
    location.href = `/console/login?next=${encodeURIComponent(location.pathname)}`;
    throw new Error("not logged in");
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

// One fetch at a time per part; what comes meanwhile makes one more afterwards.
function refresher(load) {
  let running = false;
  let again = false;
  return async function refresh() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await load();
        await new Promise((done) => setTimeout(done, 200)); // a busy desk is not fetched for every single line
      } while (again);
    } catch {
      setTimeout(refresh, 3000);
    } finally {
      running = false;
    }
  };
}

// --- times in the agent's own zone -------------------------------------------------------------

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const stamp = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

function showTimes(root) {
  for (const time of root.querySelectorAll(".by time, .plainlist time")) {
    const at = new Date(time.dateTime);
    const isToday = at.toDateString() === new Date().toDateString();
    time.textContent = (isToday ? clock : stamp).format(at);
    time.title = at.toLocaleString(language);
  }
}

// --- the list ----------------------------------------------------------------------------------

const refreshList = refresher(async () => {
  const list = byId("list");
  const focused = document.activeElement && document.activeElement.closest("#list a");
  const target = focused && focused.getAttribute("href");
  list.innerHTML = await fetchPart("/console/list");
  if (target) list.querySelector(`a[href="${CSS.escape(target)}"]`)?.focus();
  const waiting = list.firstElementChild.dataset.waiting;
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (waiting !== "0") document.title = `(${waiting}) ${document.title}`;
});

// --- one conversation --------------------------------------------------------------------------

const base = `/console/c/${conversation}`;
const lines = byId("lines");
const lastSeq = () => Number(lines.querySelector(".line:last-of-type")?.dataset.seq) || 0;
const isAtEnd = () => lines.scrollHeight - lines.scrollTop - lines.clientHeight < 120;
const toEnd = () => { lines.scrollTop = lines.scrollHeight; };
let follow = true;
lines?.addEventListener("scroll", () => { follow = isAtEnd(); });
// A picture gets its height only when it is there.
lines?.addEventListener("load", () => { if (follow) toEnd(); }, true);

const refreshLines = refresher(async () => {
  const stay = follow;
  const html = await fetchPart(`${base}/lines?after=${lastSeq()}`);
  if (!html.trim()) return;
  lines.querySelector(".none")?.remove();
  lines.insertAdjacentHTML("beforeend", html);
  showTimes(lines);
  if (stay) toEnd();
});

// The panel is left alone while the agent writes or folds something in it; the fold state is kept.
const refreshPanel = refresher(async () => {
  const panel = byId("panel");
  const html = await fetchPart(`${base}/part/panel`);
  if (panel.contains(document.activeElement) && document.activeElement.matches("textarea, input, select")) return;
  const open = [...panel.querySelectorAll("details")].map((details) => details.open);
  panel.innerHTML = html;
  const now = [...panel.querySelectorAll("details")];
  if (now.length === open.length) now.forEach((details, index) => { details.open = open[index]; });
  showTimes(panel);
});

const refreshFloor = refresher(async () => {
  byId("head").innerHTML = await fetchPart(`${base}/part/head`);
  const text = byId("text");
  const draft = text ? text.value : "";
  const html = await fetchPart(`${base}/part/foot`);
  const holder = document.createElement("div");
  holder.innerHTML = html;
  // Rebuilt only when the right to speak changed: a draft is not taken from under the agent's fingers.
  if (Boolean(holder.querySelector("textarea")) === Boolean(text)) {
    if (!text) byId("foot").innerHTML = html;
    return;
  }
  byId("foot").innerHTML = html;
  if (draft && byId("text")) byId("text").value = draft;
});

function say(text) {
  const words = document.createElement("p");
  words.className = "banner bad";
  words.setAttribute("role", "alert");
  words.textContent = text;
  byId("notice").replaceChildren(words);
}

let lastTyped = 0;

async function reply(form) {
  const text = form.elements.text;
  const button = form.querySelector("button");
  if (!text.value.trim() || button.disabled) return;
  button.disabled = true; // a second Enter sends nothing; the key below makes a repeated request harmless
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" }, redirect: "manual",
    });
    if (answer.ok) {
      text.value = "";
      lastTyped = 0;
      const bytes = crypto.getRandomValues(new Uint8Array(12));
      form.elements.client_key.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      byId("notice").replaceChildren();
      toEnd();
      refreshLines();
    } else if (answer.type === "opaqueredirect") {
      location.href = `/console/login?next=${encodeURIComponent(location.pathname)}`;
    } else {
      const body = await answer.json().catch(() => ({}));
      say(body.error || form.dataset.error);
      if (answer.status === 409) refreshFloor();
    }
  } catch {
    say(form.dataset.error);
  } finally {
    button.disabled = false;
    text.focus();
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("form.reply")) {
    event.preventDefault();
    reply(event.target);
  } else {
    // One press, one request: the button comes back with the next page.
    event.submitter?.setAttribute("aria-busy", "true");
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  }
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("form.reply textarea") || event.key !== "Enter" || event.shiftKey) return;
  if (event.isComposing || event.keyCode === 229) return; // this Enter belongs to the input method
  event.preventDefault();
  reply(event.target.form);
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("form.reply textarea") || Date.now() - lastTyped < 3000) return;
  lastTyped = Date.now();
  if (socket && socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ type: "typing", on: true, conversation_id: conversation }));
  }
});

let typingEnd = 0;
function showTyping(on) {
  byId("typing").hidden = !on;
  clearTimeout(typingEnd);
  if (on) typingEnd = setTimeout(() => showTyping(false), 5000);
}

// --- the socket --------------------------------------------------------------------------------

let socket = null;
let tries = 0;

function refreshAll() {
  if (page === "list") refreshList();
  if (page === "conversation") {
    refreshLines();
    refreshFloor();
    refreshPanel();
  }
}

function take(event) {
  if (page === "list" && event.type !== "typing") refreshList();
  if (page !== "conversation" || event.conversation_id !== conversation) return;
  if (event.type === "typing") {
    if (event.author === "buyer") showTyping(event.on);
    return;
  }
  if (event.type === "message") {
    showTyping(false);
    refreshLines();
  }
  if (event.type === "mode") refreshFloor();
  refreshPanel();
}

function connect() {
  const url = new URL("/console/ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.onopen = () => {
    tries = 0;
    byId("line").hidden = true;
    refreshAll(); // what happened while the line was down
  };
  socket.onmessage = (message) => {
    const event = JSON.parse(message.data);
    if (event.type !== "pong") take(event);
  };
  socket.onclose = () => {
    tries += 1;
    if (tries > 1) byId("line").hidden = false;
    setTimeout(connect, Math.min(15000, 500 * 2 ** tries) * (0.75 + Math.random() / 2));
  };
}

if (page) {
  showTimes(document);
  if (lines) toEnd();
  connect();
  setInterval(() => {
    if (socket && socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}');
  }, 20000);
  // "waiting 3 min" grows although nothing happens.
  setInterval(() => { if (page === "list") refreshList(); }, 30000);
}
