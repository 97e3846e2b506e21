// Sends changed cells by themselves, one request at a time. Nothing is dropped: what could not be
// sent waits here and is sent again; what was refused stays in its field with the reason.
const QUIET = 700; // ms of rest before a change is sent
const RETRY = [2000, 5000, 15000, 30000];

export class Saver {
  // on: saved(rows), findings(list, revision), refused(cell, message), conflict(change), mark(cell, state), status(state, text)
  constructor({ url, token, revisionOf, words, on }) {
    Object.assign(this, { url, token, revisionOf, words, on });
    this.waiting = new Map(); // cell -> change not sent yet
    this.held = new Set(); // cells that wait for a person's answer
    this.stopped = new Set(); // cells refused or in conflict: they wait for the person
    this.flying = null;
    this.failures = 0;
    addEventListener("online", () => this.soon(0));
    addEventListener("beforeunload", (event) => { if (this.dirty) { event.preventDefault(); event.returnValue = words.leave; } });
  }

  get dirty() { return this.waiting.size > 0 || this.stopped.size > 0 || this.flying !== null; }

  put(change) {
    this.waiting.set(change.cell, { ...(this.waiting.get(change.cell) || {}), ...change });
    this.stopped.delete(change.cell);
    this.on.mark(change.cell, "waiting");
    this.tell();
    this.soon(QUIET);
  }

  hold(cells) { for (const cell of cells) this.held.add(cell); }
  release(cells) { for (const cell of cells) this.held.delete(cell); this.soon(0); }
  settle(cell) { this.stopped.delete(cell); this.tell(); }

  soon(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  // Everything that may be sent is sent; true when nothing is left over.
  async flush() {
    clearTimeout(this.timer);
    this.held.clear();
    while (this.flying) await this.flying;
    for (let round = 0; round < 50 && this.waiting.size; round += 1) {
      const before = this.waiting.size;
      await this.send();
      if (this.waiting.size >= before && this.failures) break;
    }
    return !this.dirty;
  }

  // Ask again what the rules say, without changing anything.
  async refresh() {
    try {
      const { status, body } = await this.post({ changes: [] });
      if (status === 200) this.on.findings(body.findings, body.revision);
    } catch { /* the next change asks again */ }
  }

  send() {
    if (this.flying) return this.flying;
    const free = [...this.waiting.values()].filter((change) => !this.held.has(change.cell));
    if (!free.length) { this.tell(); return Promise.resolve(); }
    const origin = free[0].origin || "typed";
    const batch = free.filter((change) => (change.origin || "typed") === origin).slice(0, 2000);
    for (const change of batch) { this.waiting.delete(change.cell); this.on.mark(change.cell, "saving"); }
    this.flying = this.deliver(batch, origin).finally(() => {
      this.flying = null;
      this.tell();
      if ([...this.waiting.keys()].some((cell) => !this.held.has(cell)))
        this.soon(this.failures ? RETRY[Math.min(this.failures, RETRY.length) - 1] : 0);
    });
    this.tell();
    return this.flying;
  }

  async deliver(batch, origin) {
    let answer;
    try {
      answer = await this.post({
        changes: batch.map(({ cell, raw, unit, note, force }) => ({ cell, raw, unit: unit || "", note: note ?? null, revision: force ?? this.revisionOf(cell) })),
      }, origin);
    } catch {
      answer = { status: 0, body: {} };
    }
    const { status, body } = answer;
    if (status === 200) {
      this.failures = 0;
      const saved = new Set(body.saved.map((row) => row.id));
      this.on.saved(body.saved, this.waiting);
      for (const { cell } of batch) this.on.mark(cell, this.waiting.has(cell) ? "waiting" : saved.has(cell) ? "saved" : "");
      this.on.findings(body.findings, body.revision);
      return;
    }
    // One cell stops the whole batch: it waits for the person, the others are sent again.
    const said = new Map((body.problems || []).map((row) => [Number(row.field.replace("cells.", "")), row.message]));
    if ((status === 409 || status === 422) && batch.some(({ cell }) => said.has(cell))) {
      this.failures = 0;
      for (const change of batch) {
        if (!said.has(change.cell)) { this.back(change); continue; }
        this.stop(change.cell, status === 409 ? "conflict" : "failed");
        if (status === 409) this.on.conflict(change);
        else this.on.refused(change.cell, said.get(change.cell));
      }
      return;
    }
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      for (const change of batch) this.stop(change.cell, "failed");
      this.problem = status === 401 || status === 403 && body.code === undefined ? this.words.signed_out : body.detail || this.words.refused;
      for (const change of batch) this.on.refused(change.cell, this.problem);
      return;
    }
    // No connection, a server that is busy or restarting, or a sign-in page instead of an answer.
    this.failures += 1;
    this.problem = status === -1 ? this.words.signed_out : "";
    for (const change of batch) { this.back(change); this.on.mark(change.cell, "failed"); }
  }

  back(change) { if (!this.waiting.has(change.cell)) this.waiting.set(change.cell, change); }
  stop(cell, state) { this.stopped.add(cell); this.on.mark(cell, state); }

  async post(body, origin = "typed") {
    const response = await fetch(origin === "pasted" ? `${this.url}?how=pasted` : this.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
      body: JSON.stringify(body),
    });
    const isJson = (response.headers.get("Content-Type") || "").includes("json");
    if (response.redirected || (response.ok && !isJson)) return { status: -1, body: {} };
    return { status: response.status, body: isJson ? await response.json() : {} };
  }

  tell() {
    const { words } = this;
    if (this.failures) this.on.status("failed", this.problem || words.failed);
    else if (this.stopped.size) this.on.status("conflict", `${words.refused}: ${this.stopped.size}`);
    else if (this.flying) this.on.status("saving", words.saving);
    else if (this.waiting.size) this.on.status("waiting", words.waiting);
    else this.on.status("saved", words.all_saved);
  }
}
