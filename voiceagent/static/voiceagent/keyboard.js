// The theme has things to click on that no key reaches. Whatever reacts to a click becomes
// a stop of the Tab key, and Enter or Space click it.
"use strict";

(() => {
  const NATIVE = "a[href], button, input, select, textarea, summary, [tabindex]";

  function reach(element) {
    if (element.matches(NATIVE) || element.querySelector(NATIVE)) return;
    element.tabIndex = 0;
    if (!element.hasAttribute("role")) element.setAttribute("role", "button");
  }

  function key(event) {
    const target = event.target;
    if (event.key !== "Enter" && event.key !== " ") return;
    if (!(target instanceof HTMLElement) || !target.hasAttribute("x-on:click")) return;
    if (target.matches("a[href], button, input, select, textarea, summary")) return;
    event.preventDefault();
    target.click();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[x-on\\:click]").forEach(reach);
    document.addEventListener("keydown", key);
  });
})();
