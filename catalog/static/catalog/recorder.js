// Records with the microphone into the form's file field, so that it is uploaded like any file.
"use strict";

const LONGEST_SECONDS = 60;

class Recorder {
  constructor(box) {
    this.box = box;
    this.input = document.getElementById(box.dataset.fileInput);
    this.mark = this.input.form.elements.namedItem("from_microphone");
    this.part("start").addEventListener("click", () => this.start());
    this.part("stop").addEventListener("click", () => this.recorder.stop());
    this.input.addEventListener("change", () => this.forget());
  }

  part(name) {
    return this.box.querySelector(`[data-${name}]`);
  }

  show(recording) {
    this.part("start").hidden = recording;
    for (const name of ["stop", "level", "time"]) this.part(name).hidden = !recording;
    (recording ? this.part("stop") : this.part("start")).focus();
  }

  complain(sentence) {
    this.part("problem").textContent = sentence;
    this.part("problem").hidden = false;
  }

  // A file chosen by hand takes the place of what was recorded.
  forget() {
    this.mark.value = "";
    this.part("listen").hidden = true;
  }

  async start() {
    this.part("problem").hidden = true;
    if (!navigator.mediaDevices || !window.MediaRecorder) return this.complain(this.box.dataset.unable);
    // What these do to keep a conversation going makes a recorded voice swell and fade.
    const audio = {
      channelCount: 1,
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
    };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio });
    } catch {
      return this.complain(this.box.dataset.refused);
    }
    const pieces = [];
    this.recorder = new MediaRecorder(this.stream, { audioBitsPerSecond: 128000 });
    this.recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    this.recorder.addEventListener("stop", () => this.keep(new Blob(pieces, { type: this.recorder.mimeType })));
    this.recorder.start();
    this.show(true);
    this.watch();
  }

  // The level moves with the voice: whoever speaks sees that they are heard.
  watch() {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    const samples = new Float32Array(analyser.fftSize);
    const began = performance.now();
    context.createMediaStreamSource(this.stream).connect(analyser);
    const look = () => {
      if (this.recorder.state === "inactive") return context.close();
      const seconds = (performance.now() - began) / 1000;
      analyser.getFloatTimeDomainData(samples);
      this.part("level").value = Math.min(1, 3 * Math.max(...samples.map(Math.abs)));
      this.part("time").textContent = `${seconds.toFixed(1)} s / ${LONGEST_SECONDS} s`;
      if (seconds > LONGEST_SECONDS - 0.5) this.recorder.stop();
      requestAnimationFrame(look);
    };
    look();
  }

  keep(blob) {
    for (const track of this.stream.getTracks()) track.stop();
    this.show(false);
    const suffix = blob.type.includes("mp4") ? "m4a" : blob.type.includes("ogg") ? "ogg" : "webm";
    const files = new DataTransfer();
    files.items.add(new File([blob], `microphone.${suffix}`, { type: blob.type }));
    this.input.files = files.files;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.mark.value = "true";
    this.part("listen").src = URL.createObjectURL(blob);
    this.part("listen").hidden = false;
  }
}

document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-recorder]")) new Recorder(box);
});
