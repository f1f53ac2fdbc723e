// Live calls: what the socket tells becomes cards, and what is clicked becomes an order.
"use strict";

(() => {
  const page = document.querySelector("[data-live]");
  if (!page) return;
  const banner = page.querySelector("[data-live-banner]");
  const empty = page.querySelector("[data-live-empty]");
  const list = page.querySelector("[data-live-calls]");
  const cardTemplate = page.querySelector("[data-live-card]");
  const lineTemplate = page.querySelector("[data-live-line]");
  const says = page.dataset;
  const OVER_STAYS_MS = 8000;
  const NOT_ALLOWED = 4403;
  const LONGEST_WAIT_MS = 15000;
  const ANSWER_MS = 6000;
  const calls = new Map(); // by call SID
  const waiting = new Map(); // orders, by their id
  let socket = null;
  let failures = 0;
  let orders = 0;

  function tell(text) {
    banner.textContent = text;
    banner.hidden = !text;
  }

  function showWhetherEmpty() {
    empty.hidden = calls.size > 0 || list.children.length > 0;
  }

  function lineOf(speaker, text) {
    const line = lineTemplate.content.firstElementChild.cloneNode(true);
    line.classList.add(`live-${speaker}`);
    line.querySelector(speaker === "agent" ? "[data-caller]" : "[data-agent]").remove();
    line.querySelector("[data-text]").textContent = text;
    return line;
  }

  function nameOf(call) {
    const number = call.number || says.withheld;
    return call.customer ? `${call.customer} · ${number}` : number;
  }

  // Cards ----------------------------------------------------------------------

  function showCall(told) {
    if (calls.has(told.call)) return;
    const card = cardTemplate.content.firstElementChild.cloneNode(true);
    const call = { ...told, card, began: performance.now() - told.age_ms, saying: {} };
    card.querySelector("[data-caller-name]").textContent = nameOf(call);
    card.querySelector("[data-agent-name]").textContent = told.agent;
    const transfer = card.querySelector("[data-transfer]");
    if (transfer) {
      for (const name of told.targets) transfer.elements.to.add(new Option(name, name));
      transfer.hidden = told.targets.length === 0;
    }
    offerOrders(call);
    calls.set(told.call, call);
    list.append(card);
    tick();
    showWhetherEmpty();
  }

  function showLine(call, told) {
    const lines = call.card.querySelector("[data-lines]");
    const line = lineOf(told.speaker, told.text);
    line.dataset.atMs = told.at_ms;
    line.querySelector("[data-cut-off]").hidden = !told.interrupted;
    const follow = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 60;
    const later = [...lines.children].find((other) => Number(other.dataset.atMs) > told.at_ms);
    lines.insertBefore(line, later || null);
    if (follow) lines.scrollTop = lines.scrollHeight;
    stopSaying(call, told.speaker);
  }

  function showSaying(call, told) {
    let saying = call.saying[told.speaker];
    if (!saying) {
      saying = call.saying[told.speaker] = lineOf(told.speaker, "");
      saying.querySelector("[data-speaking]").hidden = false;
      call.card.querySelector("[data-now]").append(saying);
    }
    const text = saying.querySelector("[data-text]");
    text.textContent = told.speaker === "agent" ? `${text.textContent} ${told.text}`.trim() : told.text;
  }

  function stopSaying(call, speaker) {
    call.saying[speaker]?.remove();
    delete call.saying[speaker];
  }

  function showNote(call, text) {
    const note = document.createElement("li");
    note.className = "live-note";
    note.textContent = text;
    const lines = call.card.querySelector("[data-lines]");
    const last = lines.lastElementChild;
    note.dataset.atMs = last ? last.dataset.atMs : "0";
    lines.append(note);
    lines.scrollTop = lines.scrollHeight;
  }

  function showOver(call, endedBy) {
    calls.delete(call.call);
    stopSaying(call, "agent");
    stopSaying(call, "caller");
    call.card.classList.add("live-is-over");
    for (const control of call.card.querySelectorAll("button, input, select")) control.disabled = true;
    answer(call, endedBy ? `${says.over} (${endedBy})` : says.over, true);
    setTimeout(() => {
      call.card.remove();
      showWhetherEmpty();
    }, OVER_STAYS_MS);
  }

  function tick() {
    for (const call of calls.values()) {
      const seconds = Math.max(0, Math.floor((performance.now() - call.began) / 1000));
      const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      call.card.querySelector("[data-clock]").textContent = clock;
    }
  }

  // Orders ---------------------------------------------------------------------

  function answer(call, text, done) {
    const place = call.card.querySelector("[data-answer]");
    place.textContent = text;
    place.classList.toggle("live-refused", !done);
  }

  function give(call, order, text, done) {
    if (socket?.readyState !== WebSocket.OPEN) return answer(call, says.lost, false);
    const id = String(++orders);
    waiting.set(id, { call, done });
    answer(call, says.waiting, true);
    socket.send(JSON.stringify({ id, order, call: call.call, text }));
    setTimeout(() => waiting.delete(id) && answer(call, says.lost, false), ANSWER_MS);
  }

  function offerOrders(call) {
    const whisper = call.card.querySelector("[data-whisper]");
    if (!whisper) return;
    whisper.addEventListener("submit", (event) => {
      event.preventDefault();
      give(call, "whisper", whisper.elements.text.value, () => whisper.reset());
    });
    const transfer = call.card.querySelector("[data-transfer]");
    transfer.addEventListener("submit", (event) => {
      event.preventDefault();
      if (window.confirm(says.confirmTransfer)) give(call, "transfer", transfer.elements.to.value);
    });
    call.card.querySelector("[data-hang-up]").addEventListener("click", () => {
      if (window.confirm(says.confirmHangUp)) give(call, "hang-up", "");
    });
  }

  function showAnswer(told) {
    const order = waiting.get(told.id);
    if (!order) return;
    waiting.delete(told.id);
    if (told.done) order.done?.();
    if (calls.has(order.call.call)) answer(order.call, told.text, told.done);
  }

  // The socket -----------------------------------------------------------------

  function take(told) {
    if (told.kind === "state") return tell(told.away ? says.away : "");
    if (told.kind === "answer") return showAnswer(told);
    if (told.kind === "call") return showCall(told);
    const call = calls.get(told.call);
    if (!call) return;
    if (told.kind === "line") showLine(call, told);
    else if (told.kind === "saying") showSaying(call, told);
    else if (told.kind === "note") showNote(call, told.text);
    else if (told.kind === "over") showOver(call, told.ended_by);
    else if (told.kind === "known") {
      call.customer = told.customer;
      call.card.querySelector("[data-caller-name]").textContent = nameOf(call);
    }
  }

  function forgetAll() {
    calls.clear();
    list.replaceChildren();
    showWhetherEmpty();
  }

  // A socket that fails says nothing of why. The page itself is kept from whom it is not for.
  async function mayNotSee() {
    try {
      const again = await fetch(location.href, { method: "HEAD", redirect: "manual" });
      return again.type === "opaqueredirect" || again.status === 403;
    } catch {
      return false; // No server answers.
    }
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}/admin/calls/live`);
    let opened = false;
    let began = false;
    socket.addEventListener("open", () => {
      opened = true;
    });
    socket.addEventListener("message", (event) => {
      if (!began) forgetAll(); // The server tells a new connection everything again.
      began = true;
      failures = 0;
      take(JSON.parse(event.data));
    });
    socket.addEventListener("close", async (event) => {
      if (event.code === NOT_ALLOWED) return tell(says.refused);
      if (!opened && (await mayNotSee())) return tell(says.refused);
      tell(says.lost);
      const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures++) * (0.5 + Math.random());
      setTimeout(connect, wait);
    });
  }

  setInterval(tick, 1000);
  connect();
})();
