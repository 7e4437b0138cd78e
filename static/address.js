// Show the known address of a fund as soon as it is chosen, ready to be corrected. Without
// JavaScript, the button below the list asks the server for the same.
"use strict";

const list = document.getElementById("recipient");
const folded = document.getElementById("adresse");
const area = document.getElementById("recipient_lines");
const known = [...list.options].map((option) => option.dataset.lines).filter(Boolean);

document.querySelector("[data-needless]").hidden = true;
list.addEventListener("change", () => {
  const { day = "", lines = "", note = "" } = list.selectedOptions[0].dataset;
  // What a person wrote stays; a known address makes way for the next one.
  if (area.value === "" || known.includes(area.value)) area.value = lines;
  const [dated, unknown, noted] = folded.querySelectorAll("p[data-known], [data-unknown], [data-note]");
  dated.hidden = lines === "";
  dated.firstElementChild.textContent = day;
  unknown.hidden = lines !== "" || list.value === "";
  noted.hidden = note === "";
  noted.textContent = note;
  folded.open = list.value !== "";
});
