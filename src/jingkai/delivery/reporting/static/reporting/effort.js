// Counts the seconds somebody is really at work here: the page is seen and was touched within the
// last minute. Told to the server once a minute and when the page is left.
const IDLE = 60_000;

export const countEffort = (url, token) => {
  let touched = 0, seconds = 0;
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "paste"])
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true, capture: true }); // before the table takes the key for itself
  const tell = () => {
    if (!seconds) return;
    const counted = seconds;
    seconds = 0;
    fetch(url, { method: "POST", keepalive: true, headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify({ seconds: counted }) })
      .catch(() => { seconds += counted; });
  };
  setInterval(() => {
    if (document.visibilityState === "visible" && touched && Date.now() - touched < IDLE) seconds += 1;
    if (seconds >= 60) tell();
  }, 1000);
  addEventListener("pagehide", tell);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") tell(); });
};
