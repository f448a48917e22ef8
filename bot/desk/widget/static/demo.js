// "Ask about this order": opens the chat with the question already written, for the buyer to send or change.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ask]");
  if (button && window.RefundDesk) window.RefundDesk.open(button.dataset.ask);
});
