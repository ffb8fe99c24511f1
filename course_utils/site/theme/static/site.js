// Light or dark, the menu on a phone, tables that sort, the moving picture. No other script is needed.
"use strict";
const root = document.documentElement;
const kept = (() => { try { return localStorage; } catch { return {}; } })();
if (kept.theme === "dark" || kept.theme === "light") root.dataset.theme = kept.theme;

document.addEventListener("DOMContentLoaded", () => {
  setUpTheme();
  setUpMenu();
  setUpTables();
  setUpScrolling();
  setUpPicture();
});

function setUpTheme() {
  const button = document.querySelector(".theme-button");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", isDark());
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { kept.theme = root.dataset.theme; } catch { /* a browser that keeps nothing */ }
    show();
  });
  system.addEventListener("change", show);
  show();
}

function setUpMenu() {
  const button = document.querySelector(".menu-button");
  const menu = document.getElementById("contents");
  const open = (wanted) => {
    menu.classList.toggle("open", wanted);
    button.setAttribute("aria-expanded", wanted);
  };
  button.addEventListener("click", () => open(!menu.classList.contains("open")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.classList.contains("open")) { open(false); button.focus(); }
  });
  const current = menu.querySelector(".current a, a.current");
  if (current) { // scrollIntoView would move the page as well
    current.setAttribute("aria-current", "page");
    menu.scrollTop = current.offsetTop - menu.clientHeight / 3;
  }
}

function setUpTables() {
  for (const table of document.querySelectorAll("table.sortable")) {
    table.querySelectorAll("thead th").forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
  }
}

function sort(table, head, column) {
  const down = head.getAttribute("aria-sort") === "ascending";
  table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = (row) => row.cells[column].dataset.sort;
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === ""); // what is empty comes last
    const both = !isNaN(a) && !isNaN(b);
    return (both ? a - b : a.localeCompare(b)) * (down ? -1 : 1);
  };
  const rows = [...table.tBodies[0].rows].sort((a, b) => compare(key(a), key(b)));
  table.tBodies[0].append(...rows);
}

function setUpScrolling() { // what moves sideways can be reached with the keyboard
  const mark = () => {
    for (const box of document.querySelectorAll(".scroll, main pre, .formula")) {
      if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) {
        box.tabIndex = 0;
      } else box.removeAttribute("tabindex");
    }
  };
  mark();
  addEventListener("resize", mark);
  document.addEventListener("toggle", mark, true);
}

function setUpPicture() {
  const picture = document.querySelector(".moving");
  if (!picture) return;
  const parts = () => picture.getAnimations({ subtree: true });
  const pause = picture.querySelector(".pause");
  const listen = picture.querySelector(".listen");
  const sound = picture.querySelector("audio");
  const stop = (wanted) => {
    parts().forEach((part) => (wanted ? part.pause() : part.play()));
    pause.textContent = wanted ? "Go on" : "Pause";
  };
  pause.hidden = parts().length === 0; // less movement is preferred: there is none
  pause.addEventListener("click", () => stop(pause.textContent === "Pause"));
  listen.addEventListener("click", () => {
    sound.currentTime = 0;
    sound.play();
    parts().forEach((part) => (part.currentTime = 0));
    stop(false);
  });
}
