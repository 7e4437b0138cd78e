// Show the copy buttons, which are hidden where there is no JavaScript, and make them work.
// Nothing here is needed: the texts can be selected by hand.
"use strict";

const touch = matchMedia("(pointer: coarse)").matches;

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = button.nextElementSibling;
  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = ""; // so that a second copy is announced as well
    const { copied, selected, selectedTouch } = status.dataset;
    const done = await copy(source, button);
    status.textContent = done ? copied : touch ? selectedTouch : selected;
  });
}

async function copy(source, button) {
  try {
    await navigator.clipboard.writeText(source.value);
    return true;
  } catch {
    // No clipboard (plain http, or refused): the old way, for which the text must be selected.
    source.focus({ preventScroll: true });
    source.setSelectionRange(0, source.value.length); // select() alone does nothing on an iPhone
    if (!document.execCommand("copy")) {
      source.scrollIntoView({ block: "nearest" }); // the text stays selected, for the person
      return false;
    }
    button.focus({ preventScroll: true });
    return true;
  }
}
