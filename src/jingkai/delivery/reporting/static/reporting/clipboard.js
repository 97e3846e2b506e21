// Blocks of cells as text, the way Excel and WPS write them: tabs, line ends, quotes around both.
export const toText = (rows) => rows.map((row) => row.map((cell) => (/[\t\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");

export const fromText = (text) => {
  const rows = [[]];
  let cell = "", quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let i = 0; i < source.length; i += 1) {
    const sign = source[i];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (source[i + 1] === '"') { cell += '"'; i += 1; }
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t") { rows.at(-1).push(cell.trim()); cell = ""; }
    else if (sign === "\n") { rows.at(-1).push(cell.trim()); cell = ""; rows.push([]); }
    else cell += sign;
  }
  rows.at(-1).push(cell.trim());
  const width = Math.max(...rows.map((row) => row.length));
  return rows.map((row) => [...row, ...Array(width - row.length).fill("")]);
};

const FIGURE = /^[(（+\-−－]?\s*[\d０-９][\d０-９,，.．\s]*(?:[eE][+-]?\d+)?[)）]?\s*[^\d０-９年月日号季]{0,8}$/;
const ABSENT = /^(?:[-‐‑‒–—―−─ー~_]+|…+|无|暂无|暂缺|缺报?|未报|待报|不适用|不涉及|n\/?a)$/i;
const isFigure = (text) => FIGURE.test(text) || ABSENT.test(text);

// The figures of a pasted block: heading rows and columns of names that came along are left out.
export const figuresOf = (rows) => {
  const isHeading = (row) => row.some((cell) => cell !== "") && !row.some((cell) => cell !== "" && isFigure(cell));
  if (!rows.some((row) => row.some(isFigure))) return { rows, skipped: 0 };
  let top = 0;
  while (top < rows.length - 1 && (isHeading(rows[top]) || (top > 0 && rows[top].every((cell) => cell === "")))) top += 1;
  const body = rows.slice(top);
  let left = 0;
  const isNames = (column) => body.some((row) => row[column] !== "") && body.every((row) => row[column] === "" || !isFigure(row[column]));
  while (left < body[0].length - 1 && isNames(left)) left += 1;
  return { rows: body.map((row) => row.slice(left)), skipped: top + left };
};
