// Colours the waveform as far as its player has come; a click on it goes there.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const figure of document.querySelectorAll("[data-waveform]")) {
    const audio = figure.parentElement.querySelector("audio[data-heard]");
    const played = figure.querySelector(".va-wave-played");
    const draw = () => {
      const share = audio.duration ? audio.currentTime / audio.duration : 0;
      played.style.clipPath = `inset(0 ${100 - 100 * share}% 0 0)`;
    };
    for (const event of ["timeupdate", "seeked", "ended"]) audio.addEventListener(event, draw);
    figure.addEventListener("click", (event) => {
      const { left, width } = figure.getBoundingClientRect();
      if (audio.duration) audio.currentTime = (audio.duration * (event.clientX - left)) / width;
      audio.play();
    });
    draw();
  }
});
