/** The models: the list with what can be done about it, or one checkpoint, as the address says. */
import { useApp } from '../../app-context.js';
import { useStore } from '../../store.js';
import { CheckpointPage } from './checkpoint-page.js';
import { ModelList } from './model-list.js';
import './models-page.css';

export function ModelsPage(): React.JSX.Element {
  const { router } = useApp();
  const { path } = useStore(router);
  const id = idIn(path);
  return id === null ? <ModelList /> : <CheckpointPage key={id} id={id} />;
}

/** "/models/<id>": the id as it was before it was made fit for an address; null on "/models", or when it cannot be read. */
function idIn(path: string): string | null {
  const part = path.split('/')[2];
  if (!part) return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
