// The review: what has the focus right is shown left; a, c and r decide on it.
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const marksOf = (id) => $$(`mark[data-items~="${id}"]`);

  const show = (card) => {
    $$("mark.here").forEach((mark) => mark.classList.remove("here"));
    const marks = marksOf(card.dataset.item);
    marks.forEach((mark) => mark.classList.add("here"));
    const box = $(".document-text");
    if (!marks.length || !box) return;
    const top = marks[0].getBoundingClientRect().top - box.getBoundingClientRect().top;
    if (top < 0 || top > box.clientHeight - 60) box.scrollTop += top - box.clientHeight / 3;
  };

  document.addEventListener("focusin", (event) => {
    const card = event.target.closest?.(".read-item");
    if (card) show(card);
  });

  document.addEventListener("click", (event) => {
    const mark = event.target.closest("mark[data-items]");
    if (!mark) return;
    const ids = mark.dataset.items.split(" ").reverse();
    const card = ids.map((id) => document.getElementById(`item-${id}`)).find(Boolean);
    if (!card) return;
    card.focus();
    card.scrollIntoView({ block: "center" });
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    const card = document.activeElement?.closest?.(".read-item");
    if (!card) return;
    if (event.key === "a") { const button = $("[data-accept]", card); if (button) { button.click(); event.preventDefault(); } }
    if (event.key === "c") { const link = $("[data-correct]", card); if (link) { link.click(); event.preventDefault(); } }
    if (event.key === "r") {
      const details = $(".reject", card);
      if (details) { details.open = true; $("input[name=reason]", details)?.focus(); event.preventDefault(); }
    }
  });

  document.addEventListener("change", (event) => {
    const page = event.target.closest("[data-review-page]");
    if (page) location.href = page.value;
  });

  // A decision changes the marks too, and the focus stays where the work is.
  document.addEventListener("htmx:afterSwap", (event) => {
    const card = event.detail.elt?.closest?.(".read-item") || document.getElementById(event.detail.target?.id || "");
    if (!card?.matches?.(".read-item")) return;
    const fresh = document.getElementById(card.id);
    if (!fresh) return;
    marksOf(fresh.dataset.item).forEach((mark) => { mark.dataset.state = fresh.dataset.state; });
    fresh.focus();
  });

  const opened = location.hash.startsWith("#item-") && document.getElementById(location.hash.slice(1));
  if (opened) { opened.focus(); opened.scrollIntoView({ block: "center" }); }
})();
