// The dashboard without waiting: days only where they count, values at the pointer. All of it works
// without this file: the form has a button, and the values stand in titles and tables.
"use strict";

const asked = document.querySelector("[data-asked]");
if (asked) {
  const days = asked.querySelector("[data-days]");
  const period = asked.elements.period;
  const show = () => { days.hidden = period.value !== "custom"; };
  show();
  asked.addEventListener("change", (event) => {
    show();
    if (event.target.tagName === "SELECT" && period.value !== "custom") asked.requestSubmit();
  });
  // What was not chosen is not part of the address that one shares.
  asked.addEventListener("submit", () => {
    for (const field of asked.querySelectorAll("select, input")) {
      field.disabled = !field.value || (field.type === "date" && days.hidden);
    }
  });
  window.addEventListener("pageshow", () => {
    for (const field of asked.querySelectorAll("select, input")) field.disabled = false;
  });
}

const told = document.createElement("div");
told.className = "va-hover";
told.hidden = true;
told.setAttribute("aria-hidden", "true");
document.body.append(told);

for (const chart of document.querySelectorAll("[data-chart]")) {
  // The browser's own hint comes late and would lie on top of ours.
  for (const title of chart.querySelectorAll("rect > title, circle > title")) {
    title.parentNode.dataset.says = title.textContent;
    title.remove();
  }
  chart.addEventListener("pointermove", (event) => {
    const says = event.target.dataset.says;
    told.hidden = !says;
    if (!says) return;
    told.textContent = says;
    const left = Math.min(event.clientX + 12, window.innerWidth - told.offsetWidth - 8);
    told.style.left = `${Math.max(8, left)}px`;
    told.style.top = `${event.clientY - told.offsetHeight - 10}px`;
  });
  chart.addEventListener("pointerleave", () => { told.hidden = true; });
}
