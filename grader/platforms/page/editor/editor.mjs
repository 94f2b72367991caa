// The editor for one formula: keys, brackets, names that are offered, and the place of a fault marked.
import {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, moveCompletionSelection,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, keymap, placeholder } from "@codemirror/view";

const setFault = StateEffect.define();

const faultField = StateField.define({
  create: () => Decoration.none,
  update(marks, change) {
    // A fault belongs to the text that was checked.
    marks = change.docChanged ? Decoration.none : marks;
    for (const effect of change.effects) {
      if (!effect.is(setFault)) continue;
      const { from, to } = effect.value;
      marks = from < to ? Decoration.set([Decoration.mark({ class: "fault" }).range(from, to)]) : Decoration.none;
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function offer(words) {
  return (context) => {
    const word = context.matchBefore(/[A-Za-z_]\w*/);
    if (!word || word.to - word.from < 2) return null;
    const options = words.filter(({ label }) => label.startsWith(word.text) && label !== word.text);
    return options.length ? { from: word.from, options, filter: false } : null;
  };
}

/**
 * An editor inside `parent`.
 *
 * @param {object} options `label` and `describedBy` for screen readers, `text` to begin with, `words` that are offered
 *   (`{label, type, info}`), `onEnter()` and `onChange(text)`.
 * @returns `text()`, `insert(text)` at the cursor, `mark(from, to)` for a fault, `focus()`.
 */
export function createEditor(parent, { label, describedBy, hint, text, words, onEnter, onChange }) {
  const enter = (editor) => {
    closeCompletion(editor);
    onEnter();
    return true;
  };

  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        history(),
        closeBrackets(),
        bracketMatching(),
        autocompletion({ override: [offer(words)], icons: false, defaultKeymap: false }),
        faultField,
        EditorView.cspNonce.of("editor"), // the page allows styles with this one alone
        placeholder(hint),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, spellcheck: "false" }),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
        // An apostrophe is a transpose here, and nothing that is closed.
        EditorState.languageData.of(() => [{ closeBrackets: { brackets: ["(", "[", "{"] } }]),
        // Enter checks what was typed. Tab takes what is offered; where nothing is, it leaves the editor.
        keymap.of([
          { key: "Tab", run: acceptCompletion },
          { key: "ArrowDown", run: moveCompletionSelection(true) },
          { key: "ArrowUp", run: moveCompletionSelection(false) },
          { key: "Escape", run: closeCompletion },
          { key: "Enter", run: enter },
        ]),
        keymap.of([...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap]),
      ],
    }),
  });

  return {
    text: () => view.state.doc.toString(),
    insert(piece) {
      const { from, to } = view.state.selection.main;
      const selected = view.state.sliceDoc(from, to);
      const before = view.state.sliceDoc(Math.max(from - 1, 0), from);
      const gap = /^[A-Za-z]/.test(piece) && /[\w)\]']/.test(before) ? " " : "";

      // A function takes what is selected between its brackets, a sign stands behind it.
      const isFunction = piece.endsWith("()");
      const isName = /^[A-Za-z]\w*$/.test(piece);
      const inner = isFunction ? `${piece.slice(0, -1)}${selected})` : isName ? piece : `${selected}${piece}`;
      const end = from + gap.length + inner.length;
      const anchor = isFunction && !selected ? end - 1 : end;
      view.dispatch({ changes: { from, to, insert: gap + inner }, selection: { anchor } });
      view.focus();
    },
    mark(from, to) {
      const end = view.state.doc.length;
      view.dispatch({ effects: setFault.of({ from: Math.min(from, end), to: Math.min(to, end) }) });
    },
    focus: () => view.focus(),
  };
}
