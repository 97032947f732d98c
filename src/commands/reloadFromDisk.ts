import type { Services } from '../services';
import { targetDocument } from './target';

/** Reads the model again; the plan stays as it is. */
export async function reloadFromDisk(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  await document?.host.open();
}
