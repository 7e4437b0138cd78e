// Show the known address of a fund as soon as it is chosen, ready to be corrected. Without
// JavaScript, the button below asks the server for the same; `fund_address` in forms.py tells it.
"use strict";

const list = document.getElementById("recipient");
const first = document.getElementById("first_letter"); // only where a letter speaks of another
const area = document.getElementById("recipient_lines");
const folded = document.getElementById("adresse");
const told = document.getElementById("adresse-connue");
const { shown_lines: shown, shown_recipient: before, lines_for: kind } = list.form.elements;
const known = [...list.options].map((option) => option.dataset.lines).filter(Boolean);

const toCarer = () => first?.selectedOptions[0].dataset.kind === "soignant";
const typed = () => area.value.trim() && !known.includes(area.value.trim());

const tell = () => {
  const { day = "", lines = "", note = "" } = list.selectedOptions[0].dataset;
  let state = lines ? "known" : "unknown";
  if (typed()) state = lines ? "typed" : "";
  if (!list.value) state = "none";
  if (toCarer()) state = "";
  for (const sentence of told.querySelectorAll("[data-state]"))
    sentence.hidden = sentence.dataset.state !== state;
  told.querySelector("span").textContent = day;
  const noted = told.querySelector("[data-note]");
  noted.hidden = !note || !state;
  noted.textContent = note;
  area.required = toCarer() || (list.value !== "" && !lines);
  for (const optional of area.labels[0].children) optional.hidden = area.required;
  if (list.value) folded.open = true;
};

const settle = () => {
  // What a person wrote stays, as on the server; what the page had shown for another makes way.
  const carers = kind.value === "soignant";
  const stale = area.value === shown.value && (carers || (before && before.value !== list.value));
  if (!toCarer()) {
    if (!typed() || stale) area.value = list.selectedOptions[0].dataset.lines ?? "";
  } else if (carers && !typed()) area.value = shown.value;
  tell();
};

document.querySelector("[data-needless]").hidden = true;
list.addEventListener("change", settle);
first?.addEventListener("change", settle);
area.addEventListener("change", tell);
addEventListener("pageshow", settle); // a browser that comes back fills in what was there
