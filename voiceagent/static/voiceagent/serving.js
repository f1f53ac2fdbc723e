// Keeps the line that says which revision is live up to date, without a reload.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const line = document.querySelector("[data-serving-url]");
  if (!line) return;

  async function refresh() {
    if (!document.hidden) {
      try {
        const answer = await fetch(line.dataset.servingUrl, { redirect: "manual" });
        if (!answer.ok) return; // Logged out: whoever goes on meets the login page.
        const told = await answer.json();
        line.dataset.pollMs = told.poll_ms;
        // Said again only when there is something new to say: screen readers read each change.
        if (told.key !== line.dataset.key) {
          line.dataset.key = told.key;
          line.innerHTML = told.html;
        }
      } catch {
        line.dataset.pollMs = 15000; // The server is restarting, or the network is away.
      }
    }
    window.setTimeout(refresh, Number(line.dataset.pollMs));
  }

  window.setTimeout(refresh, Number(line.dataset.pollMs));
});
