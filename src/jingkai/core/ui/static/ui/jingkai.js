// The frame's behaviour: navigation, search, theme, drawer, list keys, charts on demand.
(() => {
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  // Navigation: a column that folds on a desk, a sheet on a phone.
  const toggleWings = () => {
    if (innerWidth <= 900) root.classList.toggle("wings-open");
    else {
      root.classList.toggle("wings-closed");
      localStorage.setItem("wings", root.classList.contains("wings-closed") ? "closed" : "open");
    }
    const open = innerWidth <= 900 ? root.classList.contains("wings-open") : !root.classList.contains("wings-closed");
    $("[data-toggle-wings]")?.setAttribute("aria-expanded", String(open));
  };

  const closeDrawer = () => {
    const drawer = $("#drawer");
    if (!drawer || !drawer.classList.contains("open")) return false;
    drawer.classList.remove("open");
    drawer.replaceChildren();
    lastOpener?.focus();
    return true;
  };
  let lastOpener = null;

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-toggle-wings]")) toggleWings();
    if (target.closest("[data-close-wings]")) root.classList.remove("wings-open");
    if (target.closest("[data-close-drawer]")) closeDrawer();
    const theme = target.closest("[data-set-theme]");
    if (theme) {
      document.cookie = `theme=${theme.dataset.setTheme}; path=/; max-age=31536000; samesite=lax`;
      location.reload();
    }
    if (target.closest("[data-print]")) print();
    const tab = target.closest("[data-tab]");
    if (tab) showTab(tab);
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(target)) menu.open = false; });
    const row = target.closest("tr[data-href]");
    if (row && !target.closest("a, button, input, summary, label")) location.href = row.dataset.href;
    if (!target.closest(".search")) $("#search-suggest")?.replaceChildren();
  });

  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });

  // Keyboard: "/" searches, Esc closes, j/k walk a list, Enter opens.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (closeDrawer()) event.preventDefault();
      else if (event.target.id === "global-search") { $("#search-suggest").replaceChildren(); event.target.blur(); }
      root.classList.remove("wings-open");
      return;
    }
    if (event.target.id === "global-search" && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      $("#search-suggest a")?.focus();
      event.preventDefault();
      return;
    }
    if (event.target.closest?.("#search-suggest") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const links = $$("#search-suggest a");
      const next = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      (links[next] || $("#global-search")).focus();
      event.preventDefault();
      return;
    }
    if (typing(event.target)) return;
    if (event.key === "/") { $("#global-search")?.focus(); event.preventDefault(); }
    if (event.key === "j" || event.key === "k") {
      const rows = $$("tr[data-href], [data-row]");
      if (!rows.length) return;
      const at = rows.findIndex((row) => row.contains(document.activeElement));
      const row = rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)))];
      if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
      row.focus();
      row.scrollIntoView({ block: "nearest" });
      event.preventDefault();
    }
    if (event.key === "Enter" && event.target.matches("tr[data-href]")) location.href = event.target.dataset.href;
  });

  const showTab = (tab) => {
    const list = tab.closest("[role=tablist]");
    $$("[data-tab]", list).forEach((other) => {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(other.dataset.tab);
      if (panel) panel.hidden = !on;
    });
    history.replaceState(history.state, "", `#${tab.dataset.tab}`);
    dispatchEvent(new Event("resize"));
  };
  const openNamedTab = () => {
    const name = location.hash.slice(1);
    const tab = name && document.querySelector(`[data-tab="${CSS.escape(name)}"]`);
    if (tab) showTab(tab);
  };
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[data-tab]");
    if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const tabs = $$("[data-tab]", tab.closest("[role=tablist]"));
    const next = tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    showTab(next);
    next.focus();
  });

  // One box for all boxes of that name in its form.
  document.addEventListener("change", (event) => {
    const all = event.target.closest?.("[data-check-all]");
    if (all) $$(`input[name="${all.dataset.checkAll}"]`, all.form).forEach((box) => { box.checked = all.checked; });
  });

  // Charts: the library is fetched only on pages that have one.
  let echartsWanted;
  const wantCharts = () => {
    echartsWanted ||= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = "/static/vendor/echarts.min.js";
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    }).then(() => import("/static/ui/charts.js"));
    return echartsWanted;
  };
  const mountCharts = (from) => {
    if ($("[data-chart]", from) || from.matches?.("[data-chart]")) wantCharts().then((m) => m.mount(from));
  };

  addEventListener("DOMContentLoaded", () => { openNamedTab(); mountCharts(document.body); });
  document.addEventListener("htmx:load", (event) => mountCharts(event.detail.elt));
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (echartsWanted) echartsWanted.then((m) => m.dispose(event.detail.target));
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    root.classList.add("busy");
    if (event.detail.target?.id === "drawer") lastOpener = document.activeElement;
  });
  document.addEventListener("htmx:afterRequest", () => root.classList.remove("busy"));
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "drawer" && event.detail.target.childElementCount) {
      event.detail.target.classList.add("open");
      ($("[data-close-drawer]", event.detail.target) || event.detail.target).focus();
    }
  });
})();
