// The editor for one formula: keys, brackets, names that are offered, and the place of a fault marked.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
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
    return word && word.to - word.from >= 2 ? { from: word.from, options: words } : null;
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
  const enter = () => {
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
        autocompletion({ override: [offer(words)], icons: false }),
        faultField,
        EditorView.cspNonce.of("editor"), // the page allows styles with this one alone
        placeholder(hint),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, spellcheck: "false" }),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
        // Completion's Enter goes first: it is only taken while a list is open. Tab leaves the editor.
        keymap.of([...completionKeymap, { key: "Enter", run: enter }, ...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap]),
      ],
    }),
  });

  return {
    text: () => view.state.doc.toString(),
    insert(piece) {
      view.dispatch(view.state.replaceSelection(piece));
      view.focus();
    },
    mark(from, to) {
      const end = view.state.doc.length;
      view.dispatch({ effects: setFault.of({ from: Math.min(from, end), to: Math.min(to, end) }) });
    },
    focus: () => view.focus(),
  };
}
