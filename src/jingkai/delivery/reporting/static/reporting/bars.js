// Messages above the table, with what can be done about them.
export const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_all, name) => values[name] ?? "");

export const make = (tag, text, options = {}) => Object.assign(document.createElement(tag), { textContent: text, ...options });

// buttons: [[label, act, is the main one?], …]; pressing one closes the bar.
export const bar = (text, buttons, tone = "") => {
  const box = make("div", "", { className: `notice g-bar ${tone}` });
  const end = make("span", "", { className: "end" });
  for (const [label, act, main] of buttons) {
    const button = make("button", label, { type: "button", className: `btn btn-sm${main ? " btn-primary" : ""}` });
    button.addEventListener("click", () => { box.remove(); act(); });
    end.append(button);
  }
  box.append(make("span", text), end);
  document.getElementById("g-bars").append(box);
  return box;
};
