// The small menu of a cell: opened beside it, walked with arrows, closed by Esc or a click elsewhere.
import { make } from "./bars.js";

let menu = null;

export const closeMenu = () => { menu?.remove(); menu = null; };

// items: [[label, act], …]. The cell gets the focus back before anything is done.
export const popUp = (field, items) => {
  closeMenu();
  const at = field.getBoundingClientRect();
  menu = make("div", "", { className: "g-popup" });
  menu.setAttribute("role", "menu");
  for (const [label, act] of items) {
    const item = make("button", label, { type: "button" });
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", () => { closeMenu(); field.focus(); act(); });
    menu.append(item);
  }
  menu.addEventListener("keydown", (event) => {
    const all = [...menu.children], i = all.indexOf(document.activeElement);
    if (event.key === "ArrowDown") all[(i + 1) % all.length].focus();
    else if (event.key === "ArrowUp") all[(i + all.length - 1) % all.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") { closeMenu(); field.focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(menu);
  menu.style.left = `${Math.max(4, Math.min(at.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 4))}px`;
  menu.style.top = `${at.bottom + menu.offsetHeight < innerHeight ? at.bottom : at.top - menu.offsetHeight}px`;
  menu.firstElementChild.focus();
};

document.addEventListener("click", (event) => {
  if (menu && !menu.contains(event.target) && !event.target.closest("[data-menu]")) closeMenu();
});
