/** Says what was done, and takes it back where that can be done. */
import { useState } from 'react';
import { useApp } from '../../app-context.js';
import { Notice } from '../../components/notice.js';
import { Activate } from '../../generated/operations.js';
import { RequestError } from '../../graphql-client.js';
import { useWords } from '../../language.js';

export interface Outcome {
  text: string;
  /** The ranker that served before: serving with it again is the undoing. null: it cannot be undone. */
  undoTo: string | null;
}

export function OutcomeNotice({ outcome, onDone, onClose }: { outcome: Outcome; onDone: (outcome: Outcome | null) => void; onClose: () => void }): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { models: words, common },
  } = useWords();
  const [failure, setFailure] = useState<string | null>(null);
  const { undoTo } = outcome;
  const undo = async (rankerId: string): Promise<void> => {
    try {
      await client.request(Activate, { rankerId });
      onDone({ text: words.undone(rankerId === 'base' ? common.baseRanker : rankerId), undoTo: null });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      setFailure(error.message);
    }
  };
  return (
    <Notice tone={failure ? 'error' : 'info'} title={outcome.text} text={failure ?? ''}>
      {undoTo && (
        <button type="button" className="button" onClick={() => void undo(undoTo)}>
          {words.undo}
        </button>
      )}
      <button type="button" className="button" onClick={onClose}>
        {words.close}
      </button>
    </Notice>
  );
}
