import type { MethodId } from '../src/core/plan/layerSettings';

/** Colours of the page's own that charts share with the style sheet; `page.css` maps them to the theme. */
export type ThemeColour =
  | '--histogram' | '--laplace' | '--gauss' | '--levels' | '--thresholds' | '--limits'
  | `--method-${MethodId}` | '--theory' | '--errors' | '--ghost' | '--page-background' | '--focus'
  | '--text' | '--text-faint' | '--grid-line' | '--hover-background' | '--hover-border';

/** The colour as the theme has it now. */
export function themeColour(name: ThemeColour): string {
  return getComputedStyle(document.body).getPropertyValue(name).trim();
}

export function themeFontFamily(): string {
  return getComputedStyle(document.body).fontFamily;
}

/** VS Code announces a theme by the body's class, and its colours by the root's style. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
