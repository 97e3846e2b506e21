// Runs before the first paint so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const stored = document.cookie.match(/(?:^|; )theme=(\w+)/);
  const wish = stored ? stored[1] : root.dataset.theme || "auto";
  const dark = wish === "dark" || (wish === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.bsTheme = dark ? "dark" : "light";
  if (localStorage.getItem("wings") === "closed" && innerWidth > 900) root.classList.add("wings-closed");
})();
