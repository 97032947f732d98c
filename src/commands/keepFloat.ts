import type { Services } from '../services';
import { targetLayersToEdit } from './target';

export function keepFloat(services: Services, argument: unknown): void {
  const target = targetLayersToEdit(services, argument);
  if (!target) return;
  target.document.keepFloat(target.layers);
  target.returnFocus();
}
