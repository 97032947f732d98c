/** The one door to the webview UI toolkit, so that it can be replaced here. */
import {
  provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeLink, vsCodeProgressRing, vsCodeTextField,
  Button, Checkbox, Link, TextField,
} from '@vscode/webview-ui-toolkit';

/** Defines the custom elements; before any of the functions below. */
export function defineControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(), vsCodeCheckbox(), vsCodeLink(), vsCodeProgressRing(), vsCodeTextField(),
  );
}

export type ButtonControl = Button;
export type CheckboxControl = Checkbox;
export type LinkControl = Link;
export type TextFieldControl = TextField;

export function button(label: string, appearance: 'primary' | 'secondary' | 'icon', onClick: () => void): ButtonControl {
  const control = new Button();
  control.appearance = appearance;
  control.textContent = label;
  control.addEventListener('click', onClick);
  return control;
}

export function checkbox(label: string, onChange: (checked: boolean) => void): CheckboxControl {
  const control = new Checkbox();
  control.textContent = label;
  control.addEventListener('change', () => onChange(control.checked));
  return control;
}

/** A link that acts in the page; `href` only makes it reachable by keyboard. */
export function link(onClick: () => void): LinkControl {
  const control = new Link();
  control.href = '#';
  control.addEventListener('click', (event) => {
    event.preventDefault();
    onClick();
  });
  return control;
}

/** The control is named after its text, in place of any name given before; the pages' style does not show that text. */
export function textField(label: string, placeholder: string, onInput: (value: string) => void): TextFieldControl {
  const control = new TextField();
  control.textContent = label;
  control.placeholder = placeholder;
  control.addEventListener('input', () => onInput(control.value));
  return control;
}

export function progressRing(label: string): HTMLElement {
  const ring = document.createElement('vscode-progress-ring');
  ring.setAttribute('aria-label', label);
  return ring;
}
