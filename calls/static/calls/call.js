// One call's page: a line that is clicked is heard, the line that is heard is marked, and a tag that
// is clicked is added. Without a recording, or without scripts, the page is only read.
"use strict";

(() => {
  function follow(player) {
    const list = document.querySelector("[data-call-lines]");
    const lines = list ? [...list.querySelectorAll("[data-at-ms]")] : [];
    const starts = lines.map((line) => Number(line.dataset.atMs) / 1000);
    let current = -1;

    function hear(seconds) {
      player.currentTime = seconds;
      player.play().catch(() => {}); // The browser shows by itself what it cannot play.
    }

    function show(line) {
      const smooth = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      const above = line.offsetTop - list.scrollTop;
      if (above >= 0 && above + line.offsetHeight <= list.clientHeight) return;
      const top = line.offsetTop - list.clientHeight / 3;
      list.scrollTo({ top, behavior: smooth ? "smooth" : "auto" });
    }

    function mark() {
      // A seek lands a few milliseconds off.
      const now = starts.findLastIndex((start) => start <= player.currentTime + 0.05);
      if (now === current) return;
      lines[current]?.removeAttribute("aria-current");
      current = now;
      if (now < 0) return;
      lines[now].setAttribute("aria-current", "true");
      show(lines[now]);
    }

    document.querySelector(".call").classList.add("call-can-hear");
    document.addEventListener("click", (event) => {
      const clicked = event.target.closest("[data-hear], .call-bubble");
      const place = clicked?.closest("[data-at-ms]");
      if (!place || String(window.getSelection()).length) return; // Words are being selected.
      hear(Number(place.dataset.atMs) / 1000);
    });
    player.addEventListener("timeupdate", mark);
    player.addEventListener("seeking", mark);
  }

  function suggest(tags, suggested) {
    const written = () => tags.value.split(",").map((tag) => tag.trim()).filter(Boolean);
    suggested.hidden = false;
    suggested.addEventListener("click", (event) => {
      const tag = event.target.dataset.tag;
      if (!tag) return;
      const others = written().filter((word) => word.toLowerCase() !== tag.toLowerCase());
      const had = others.length < written().length;
      tags.value = [...others, ...(had ? [] : [tag])].join(", ");
    });
  }

  const player = document.querySelector("[data-call-player]");
  if (player) follow(player);
  const suggested = document.querySelector("[data-call-suggested]");
  if (suggested) suggest(document.querySelector("[data-call-tags]"), suggested);
})();
