// Show the copy buttons, which are hidden where there is no JavaScript, and make them work.
// Nothing here is needed: the texts can be selected by hand.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = button.nextElementSibling;
  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = ""; // so that a second copy is announced as well
    try {
      await navigator.clipboard.writeText(source.value);
      status.textContent = status.dataset.copied;
    } catch {
      // No clipboard (plain http, or refused): select, and say what to press.
      source.focus();
      source.select();
      status.textContent = status.dataset.selected;
    }
  });
}
