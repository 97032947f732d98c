import { ensureChromium } from '../workbench/chromium';
import { ensureCodeServer } from '../workbench/install';

/** Two files that begin together would install the browser and VS Code into each other's way. */
export default function installBeforehand(): void {
  ensureChromium();
  ensureCodeServer();
}
