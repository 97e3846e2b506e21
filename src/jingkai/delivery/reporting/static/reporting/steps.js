// What was done on this page, to be undone and done again: one step for one edit or one paste.
// A step: {label, cells: [{cell, before: {raw, unit}, after: {raw, unit}}]}.
export class Steps {
  constructor(list, undo, redo, apply, words) {
    Object.assign(this, { list, undoButton: undo, redoButton: redo, apply, words });
    this.done = [];
    this.undone = [];
    undo?.addEventListener("click", () => this.undo());
    redo?.addEventListener("click", () => this.redo());
  }

  push(step) {
    this.done.push(step);
    if (this.done.length > 200) this.done.shift();
    this.undone = [];
    this.show();
  }

  // Back to before `step`, by way of whatever was done after it.
  undo(step = this.done.at(-1)) {
    while (this.done.includes(step)) {
      const last = this.done.pop();
      this.undone.push(last);
      this.apply(last.cells.map(({ cell, before }) => ({ cell, ...before })));
    }
    this.show();
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return;
    this.done.push(step);
    this.apply(step.cells.map(({ cell, after }) => ({ cell, ...after })));
    this.show();
  }

  show() {
    if (this.undoButton) this.undoButton.disabled = !this.done.length;
    if (this.redoButton) this.redoButton.disabled = !this.undone.length;
    if (!this.list) return;
    const line = (step, undone) => {
      const item = document.createElement("li");
      item.textContent = step.label;
      item.classList.toggle("is-undone", undone);
      return item;
    };
    this.list.replaceChildren(...this.undone.map((step) => line(step, true)), ...[...this.done].reverse().map((step) => line(step, false)));
  }
}
