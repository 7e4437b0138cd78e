// Show the known address of a fund as soon as it is chosen, ready to be corrected. Without
// JavaScript, the button below asks the server for the same; `fund_address` in forms.py tells it.
"use strict";

const list = document.getElementById("recipient");
const area = document.getElementById("recipient_lines");
const folded = document.getElementById("adresse");
const told = document.getElementById("adresse-connue");
const { shown_lines: shown, lines_for: kind } = list.form.elements;
const known = [...list.options].map((option) => option.dataset.lines).filter(Boolean);

const tell = () => {
  const { day = "", lines = "", note = "" } = list.selectedOptions[0].dataset;
  let state = lines ? "known" : "unknown";
  if (area.value && !known.includes(area.value)) state = lines ? "typed" : "";
  if (!list.value) state = "none";
  for (const sentence of told.querySelectorAll("[data-state]"))
    sentence.hidden = sentence.dataset.state !== state;
  told.querySelector("span").textContent = day;
  const noted = told.querySelector("[data-note]");
  noted.hidden = !note;
  noted.textContent = note;
  area.required = state === "unknown";
  for (const optional of area.labels[0].children) optional.hidden = area.required;
  if (list.value) folded.open = true;
};

document.querySelector("[data-needless]").hidden = true;
list.addEventListener("change", () => {
  // What a person wrote stays; a known address makes way for the next one, and a carer's too.
  const carers = kind.value === "soignant" && area.value === shown.value;
  if (!area.value || known.includes(area.value) || carers)
    area.value = list.selectedOptions[0].dataset.lines ?? "";
  tell();
});
area.addEventListener("change", tell);
addEventListener("pageshow", tell); // a browser that comes back fills in what was there
