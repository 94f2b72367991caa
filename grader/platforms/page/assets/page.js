// The page of formulas: an editor for each problem, what the checker says, and answers kept in this browser.
import { createEditor } from "./editor.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
const KEY = `frechet-grader:${page.id}`;

// --- The checker: one request after the other; it is ended, and started anew, when one takes too long.

class Checker {
  constructor(limit, onTrouble) {
    this.limit = limit;
    this.onTrouble = onTrouble;
    this.number = 0;
    this.waiting = new Map();
    this.last = Promise.resolve();
    this.begin();
  }

  begin() {
    this.worker = new Worker("worker.js", { type: "module" });
    this.worker.onmessage = ({ data }) => this.settle(data);
    this.worker.onerror = () => this.onTrouble();
    // Loading has no limit: a slow line is not a slow formula.
    this.ready = this.send("open", "", "", Infinity);
    this.ready.catch(() => this.onTrouble());
  }

  settle({ number, result, error }) {
    const request = this.waiting.get(number);
    if (!request) return;
    this.waiting.delete(number);
    clearTimeout(request.timer);
    if (error) request.reject(new Error(error));
    else request.resolve(result);
  }

  send(kind, problem, text, limit) {
    const number = ++this.number;
    return new Promise((resolve, reject) => {
      const timer = limit === Infinity ? undefined : setTimeout(() => this.end(number), 1000 * limit);
      this.waiting.set(number, { resolve, reject, timer });
      this.worker.postMessage({ number, kind, problem, text });
    });
  }

  // One after the other, so that the limit is for one formula and not for those before it.
  ask(kind, problem, text) {
    const answer = this.last.catch(() => null).then(async () => {
      await this.ready;
      return this.send(kind, problem, text, this.limit);
    });
    this.last = answer;
    return answer;
  }

  end(number) {
    const stopped = [...this.waiting.entries()];
    this.waiting.clear();
    this.worker.terminate();
    for (const [other, request] of stopped) {
      clearTimeout(request.timer);
      request.reject(new Error(other === number ? "slow" : "stopped"));
    }
    this.begin();
  }
}

// --- Answers, kept in this browser.

function readAnswers() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

const answers = readAnswers();

function keep(problem, change) {
  answers[problem] = { ...answers[problem], ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(answers));
  } catch {
    // No storage, as in a private window: answers last as long as the page.
  }
}

function asFile(checker) {
  const pairs = page.problems.map(({ id }) => [id, answers[id]?.text ?? ""]).filter(([, text]) => text.trim());
  return checker.ask("write", "", JSON.stringify([page.title, pairs]));
}

// --- What is shown.

function showTrouble(text) {
  const box = document.getElementById("trouble");
  box.hidden = false;
  box.querySelector("p").textContent = text;
  document.getElementById("loading").textContent = "";
}

function showState(problem, state) {
  for (const item of document.querySelectorAll(`[data-problem="${problem}"]`)) {
    const badge = item.querySelector(".state");
    badge.className = `badge ${state.tone} state`;
    badge.textContent = state.words;
  }
}

const TROUBLES = {
  slow: () => `This formula took more than ${page.limit} seconds and was stopped. Try a shorter one.`,
  stopped: () => "The checker was started anew. Press Check again.",
};
const UNTRIED = { tone: "dull", words: "not tried yet" };
const CHANGED = { tone: "dull", words: "changed since" };

function connect(problem, checker) {
  const section = document.getElementById(problem.id);
  const preview = section.querySelector(".preview");
  const feedback = section.querySelector(".feedback");
  const button = section.querySelector("button.check");
  let latest = 0;

  const editor = createEditor(section.querySelector(".editor"), {
    label: `Formula for ${problem.title}: ${problem.signature} =`,
    describedBy: preview.id,
    hint: problem.hint,
    text: answers[problem.id]?.text ?? "",
    words: problem.words,
    onEnter: check,
    onChange(text) {
      keep(problem.id, { text, state: text.trim() ? CHANGED : UNTRIED });
      showState(problem.id, answers[problem.id].state);
      preview.className = "preview soft";
      setTimeout(read, 150, ++latest);
    },
  });

  async function read(number) {
    if (number !== latest) return;
    const text = editor.text();
    if (!text.trim()) {
      preview.textContent = "";
      return;
    }
    const shown = await checker.ask("read", problem.id, text).catch(() => null);
    if (shown && number === latest) showReading(shown);
  }

  function showReading({ html, fault }) {
    preview.className = fault ? "preview fault" : "preview";
    preview.innerHTML = html;
    if (fault) editor.mark(fault.from, fault.to);
  }

  async function check() {
    const text = editor.text();
    if (!text.trim() || button.disabled) return;
    ++latest;
    button.disabled = true;
    delete feedback.dataset.verdict;
    feedback.innerHTML = '<p class="waiting">Checking</p>';

    try {
      const result = await checker.ask("check", problem.id, text);
      showReading(result.reading);
      feedback.innerHTML = result.html;
      Object.assign(feedback.dataset, { verdict: result.verdict, diagnosis: result.diagnosis });
      if (editor.text() === text) {
        keep(problem.id, { text, state: result.state });
        showState(problem.id, result.state);
      }
    } catch (error) {
      showReading({ html: "", fault: null });
      feedback.textContent = TROUBLES[error.message]?.() ?? "This formula could not be checked. Try another form of it.";
    } finally {
      button.disabled = false;
    }
  }

  button.addEventListener("click", check);
  for (const symbol of section.querySelectorAll(".palette button")) {
    symbol.addEventListener("click", () => editor.insert(symbol.dataset.insert));
  }

  // What a first check needs is found while the student types.
  section.addEventListener("focusin", () => checker.ask("warm", problem.id, "").catch(() => null), { once: true });

  showState(problem.id, answers[problem.id]?.state ?? UNTRIED);
  checker.ready.then(() => {
    button.disabled = false;
    read(++latest);
  });
}

function connectButtons(checker) {
  const done = document.getElementById("done");

  document.getElementById("download").addEventListener("click", async () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await asFile(checker)], { type: "text/plain" }));
    link.download = "answers.txt";
    link.click();
    URL.revokeObjectURL(link.href);
  });

  document.getElementById("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(await asFile(checker));
      done.textContent = "Copied.";
    } catch {
      done.textContent = "The browser did not allow copying; download the file instead.";
    }
  });

  document.getElementById("forget").addEventListener("click", () => {
    if (!confirm("Forget all answers on this page?")) return;
    localStorage.removeItem(KEY);
    location.reload();
  });
}

const checker = new Checker(page.limit, () =>
  showTrouble("The checker could not be loaded. Reload the page; an older browser may have to be updated."),
);
connectButtons(checker);
for (const problem of page.problems) connect(problem, checker);
checker.ready.then(() => (document.getElementById("loading").textContent = "Ready."));
