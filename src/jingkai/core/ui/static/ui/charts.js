// One module mounts ECharts on [data-chart]. Options are plain JSON written by the server;
// "light:green" and the like become theme colours, so light and dark agree with the style sheet.
const mounted = new Map();

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const palette = () => ({
  "@accent": css("--jk-accent"), "@muted": css("--jk-muted"), "@line": css("--jk-line"),
  "@text": css("--jk-text"), "@surface": css("--jk-surface"), "@target": css("--jk-target"),
  "@green": css("--jk-green"), "@yellow": css("--jk-yellow"), "@red": css("--jk-red"), "@grey": css("--jk-grey"),
});

const resolve = (value, colours) => {
  if (typeof value === "string") return colours[value] ?? value;
  if (Array.isArray(value)) return value.map((item) => resolve(item, colours));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, colours)]));
  return value;
};

const base = (colours) => ({
  animation: false,
  color: [colours["@accent"], colours["@muted"], "#b7791f", "#2f7d7a", "#7a5ea8"],
  textStyle: { color: colours["@text"], fontFamily: css("--tblr-font-sans-serif") || "sans-serif", fontSize: 12 },
  grid: { left: 12, right: 24, top: 36, bottom: 8, containLabel: true },
  tooltip: { trigger: "axis", confine: true, backgroundColor: colours["@surface"], borderColor: colours["@line"], textStyle: { color: colours["@text"], fontSize: 12 } },
});

const axis = (given, colours) => {
  const one = (a) => ({ axisLine: { lineStyle: { color: colours["@muted"] } }, axisLabel: { color: colours["@text"], hideOverlap: true }, splitLine: { lineStyle: { color: colours["@line"] } }, ...a });
  return Array.isArray(given) ? given.map(one) : one(given);
};

export const mount = (from) => {
  const nodes = [...from.querySelectorAll("[data-chart]")];
  if (from.matches?.("[data-chart]")) nodes.push(from);
  for (const node of nodes) {
    if (mounted.has(node)) continue;
    const source = document.getElementById(node.dataset.chart);
    if (!source) continue;
    const colours = palette();
    const option = resolve(JSON.parse(source.textContent), colours);
    for (const name of ["xAxis", "yAxis"]) if (option[name]) option[name] = axis(option[name], colours);
    const chart = echarts.init(node, null, { renderer: "svg" });
    chart.setOption({ ...base(colours), ...option });
    if (option.links) chart.on("click", (event) => { const to = option.links[event.name] || event.data?.url; if (to) location.href = to; });
    else chart.on("click", (event) => { if (event.data?.url) location.href = event.data.url; });
    mounted.set(node, chart);
    node.dataset.ready = "1";
  }
};

export const dispose = (from) => {
  for (const [node, chart] of mounted) {
    if (from.contains(node) || !document.contains(node)) { chart.dispose(); mounted.delete(node); }
  }
};

addEventListener("resize", () => { for (const chart of mounted.values()) chart.resize(); });
addEventListener("beforeprint", () => { for (const chart of mounted.values()) chart.resize(); });
