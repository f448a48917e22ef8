// Start: one widget per page, configured by the data attributes of its own script tag.

// The queue of a signed-in buyer must never be sent as somebody else's: it is kept under the token's subject.
// The token is not checked here; the server does that.
function subjectOf(token) {
  try {
    const body = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return `id-${JSON.parse(decodeURIComponent(escape(atob(body)))).sub}`;
  } catch {
    return "guest";
  }
}

const script = document.currentScript;
const settings = {
  origin: new URL(script.src).origin,
  shop: script.dataset.shop || "demo",
  identity: script.dataset.identity,
  language: pickLanguage(script.dataset.language),
};
let widget = null;

function mount() {
  if (widget) {
    widget.link.stop();
    widget.remove();
  }
  if (!customElements.get("refund-desk")) customElements.define("refund-desk", RefundDeskWidget);
  widget = document.createElement("refund-desk");
  widget.setup(settings);
  document.body.append(widget);
}

// For the shop's page: RefundDesk.open("text put into the box"), .close(), .identify(token), .setLanguage(tag).
window.RefundDesk = {
  open(text) {
    widget.toggle(true);
    if (text) {
      widget.box.value = text;
      widget.typed();
    }
  },
  close: () => widget.toggle(false),
  identify(token) {
    const { isOpen } = widget;
    settings.identity = token;
    mount();
    if (isOpen) widget.toggle(true);
  },
  setLanguage(tag) {
    const { isOpen } = widget;
    settings.language = pickLanguage(tag);
    mount();
    if (isOpen) widget.toggle(true);
  },
};

if (document.body) mount();
else addEventListener("DOMContentLoaded", mount);
