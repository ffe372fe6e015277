// Keeps an open page up to date. Without it, the page is whole all the same.
"use strict";
(() => {
  const line = document.getElementById("live");
  if (!line || !window.EventSource) return;
  const going = document.getElementById("going");
  const pause = document.getElementById("pause");
  const said = document.getElementById("said");
  const waiting = new Map(); // what came while it was not to be shown
  let paused = false;
  let source = null;

  const tell = (text, kind) => {
    going.textContent = text;
    going.className = "going " + kind;
    going.hidden = false;
  };

  // Whoever has the keyboard in a part, or reads a text that is selected there, keeps it as it is.
  const busy = (part) => {
    const selection = document.getSelection();
    return part.contains(document.activeElement) ||
      (selection && !selection.isCollapsed && part.contains(selection.anchorNode));
  };

  const show = (name, html) => {
    const part = document.getElementById(name);
    if (!part) return;
    if (paused || busy(part)) {
      waiting.set(name, html);
      return;
    }
    waiting.delete(name);
    const open = Array.from(part.querySelectorAll("details[open][id]"), (d) => d.id);
    const made = document.createElement("template");
    made.innerHTML = html;
    part.replaceChildren(made.content);
    for (const id of open) {
      const again = document.getElementById(id);
      if (again) again.open = true;
    }
  };

  const showWaiting = () => {
    for (const [name, html] of Array.from(waiting)) show(name, html);
  };

  const begin = () => {
    source = new EventSource("/live?page=" + encodeURIComponent(line.dataset.page));
    source.onopen = () => tell(paused ? "Paused" : "Live", paused ? "paused" : "on");
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) {
        tell("Not live; trying again in ten seconds", "off");
        setTimeout(begin, 10000);
      } else {
        tell("Not live; connecting again", "off");
      }
    };
    source.addEventListener("part", (event) => {
      const part = JSON.parse(event.data);
      show(part.region, part.html);
    });
    source.addEventListener("said", (event) => {
      if (!paused) said.textContent = JSON.parse(event.data).text;
    });
    source.addEventListener("over", () => {
      source.close();
      tell("Not live: log in again", "off");
    });
  };

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    tell(paused ? "Paused" : "Live", paused ? "paused" : "on");
    if (!paused) showWaiting();
  });
  document.addEventListener("focusout", () => setTimeout(showWaiting, 0));
  window.addEventListener("pagehide", () => { if (source) source.close(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) begin(); });
  begin();
})();
